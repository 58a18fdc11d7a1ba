/** The page docs/emulators-compared.md: what AWS documents, and what each cloud that was asked answers. */
import type { Probe } from "./probe.ts";

/** A cloud and its answers, in the order of the probes. */
export interface Peer {
  /** With its version, as the table calls it. */
  readonly name: string;
  readonly answers: readonly string[];
}

/** Services in the order of the page. */
const SERVICES: Readonly<Record<string, string>> = {
  s3: "S3",
  sqs: "SQS",
  iam: "IAM",
  sts: "STS",
  lambda: "Lambda",
  "resource-groups-tagging-api": "Resource Groups Tagging API",
  ec2: "EC2",
  ecs: "ECS",
  cloudwatch: "CloudWatch",
  "cloudwatch-logs": "CloudWatch Logs",
  eventbridge: "EventBridge",
};

export function page(probes: readonly Probe[], peers: readonly Peer[]): string {
  const rows = probes.map((probe, index) => ({
    service: probe.operation.split(":")[0]!,
    row: `${rowOf(probe)}${peers.map(({ answers }) => cell(probe, answers[index]!)).join("")}`,
  }));
  const names = peers.map(({ name }) => ` ${name} |`).join("");
  const head = `| operation | question | AWS, and ours | source |${names}\n|---|---|---|---|${"---|".repeat(peers.length)}`;
  const sections = Object.entries(SERVICES).map(([id, title]) => {
    const own = rows.filter(({ service }) => service === id).map(({ row }) => `${row}\n`);
    return own.length === 0 ? "" : `\n## ${title}\n\n${head}\n${own.join("")}`;
  });
  return `# Emulators compared\n\n${summary(probes, peers)}\n\n${HOW}\n${sections.join("")}`;
}

/** A probe's part of the page, without the answers of others. */
export function rowOf({ operation, question, aws, source }: Probe): string {
  return `| ${operation.split(":")[1]} | ${question} | ${aws} | ${source} |`;
}

/** One paragraph of counts. */
export function summary(probes: readonly Probe[], peers: readonly Peer[]): string {
  const differing = peers.map(({ name, answers }) => {
    const wrong = probes.filter(({ aws }, index) => answers[index] !== aws);
    return `${name} differs in ${operationsOf(wrong)} operations (${wrong.length} answers)`;
  });
  const asked = `${probes.length} questions about ${operationsOf(probes)} operations that the product calls, whose answers AWS documents`;
  return `${[`${asked}: ${differing[0]}`, ...differing.slice(1), "the local cloud in none"].join(", ")}.`;
}

const HOW = `Each is asked of every cloud by the same code (\`test/localcloud/probes/\`), and a test holds ours to the column of AWS. This
page is written by \`node test/localcloud/probes/peers.ts NAME=ENDPOINT…\`, each cloud running, and empty. An error stands by its
name; bold is another answer than AWS's. moto was asked without Docker, by which it runs functions.`;

function cell({ aws }: Probe, answer: string): string {
  return answer === aws ? " the same |" : ` **${answer}** |`;
}

function operationsOf(probes: readonly Probe[]): number {
  return new Set(probes.map(({ operation }) => operation)).size;
}
