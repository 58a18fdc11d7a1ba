/** What a function and everything attached to it (its permission, its invoke config) share: its ARN, its tags, who owns it. */
import { ListTagsCommand, paginateListFunctions } from "@aws-sdk/client-lambda";
import { arnOf } from "../aws/arn.ts";
import type { Aws } from "../aws/aws.ts";
import { orUndefined } from "../aws/errors.ts";
import { inventoried, isOurs, type Tags } from "../core/owner.ts";
import type { Inventoried, Pass } from "../core/resource.ts";
import { byTags } from "./inventory.ts";

export const FUNCTION_GONE = "ResourceNotFoundException";

export const functionArn = (name: string, pass: Pass): string => arnOf("lambda", `function:${name}`, pass);

/** Read from Lambda itself; undefined where there is no such function. */
export async function nativeFunctionTags(aws: Aws, name: string, pass: Pass): Promise<Tags | undefined> {
  const answer = await orUndefined(
    aws.clients.lambda.send(new ListTagsCommand({ Resource: functionArn(name, pass) }), { abortSignal: pass.signal }),
    FUNCTION_GONE,
  );
  return answer && (answer.Tags ?? {});
}

/** @param there what hangs on the function; where that is absent, tags say nothing */
export const functionTags = (aws: Aws, name: string, pass: Pass, there: Promise<unknown>): Promise<Tags | undefined> =>
  aws.tags.of(functionArn(name, pass), pass, () => nativeFunctionTags(aws, name, pass), there);

/** Our functions, by name. */
export function ourFunctions(aws: Aws, pass: Pass): AsyncIterable<Inventoried> {
  return byTags({
    listed: () => aws.tags.list("lambda:function", pass),
    nameOf: (arn) => arn.split(":")[6] ?? "",
    async *native() {
      for await (const page of paginateListFunctions({ client: aws.clients.lambda }, {})) {
        for (const { FunctionName = "" } of page.Functions ?? []) {
          if (!FunctionName.startsWith("pw-")) continue;
          const tags = await nativeFunctionTags(aws, FunctionName, pass);
          if (tags && isOurs(tags, pass.owner)) yield inventoried(FunctionName, tags);
        }
      }
    },
  });
}
