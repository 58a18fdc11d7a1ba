import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "jsonc-parser";
import { checkFolder } from "../../src/workflow/folder.ts";
import { algorithmJsonSchema, type JsonSchema, workflowJsonSchema } from "../../src/workflow/json-schema.ts";
import { parseWorkflow } from "../../src/workflow/parse.ts";
import { parseAlgorithm } from "../../src/workflow/parse-algorithm.ts";
import { workflowOf } from "./files.ts";

const ROOT = new URL("../../", import.meta.url);
const PIPELINES = new URL("pipelines/", ROOT);
const SCHEMAS = { workflow: workflowJsonSchema(), algorithm: algorithmJsonSchema() };

for (const [name, schema] of Object.entries(SCHEMAS)) {
  test(`the published ${name} schema is the one that the code gives (UPDATE=1 writes it)`, () => {
    const path = new URL(`schema/${name}.schema.json`, ROOT);
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (process.env.UPDATE === "1") writeFileSync(path, text);
    assert.equal(readFileSync(path, "utf8"), text);
  });

  test(`each field of the ${name} schema is described, and each group refuses what it does not know`, () => {
    const fields = [...fieldsOf(schema, "")];
    assert.ok(fields.length > 15);
    for (const { path, field } of fields) {
      assert.equal(typeof field.description, "string", path);
      if (field.properties) assert.equal(field.additionalProperties, false, path);
    }
  });
}

test("bounds, defaults and choices reach the editor", () => {
  const field = (path: string) => [...fieldsOf(SCHEMAS.workflow, "")].find((each) => each.path === path)!.field;
  const { minimum, maximum, default: preset } = field("queue.visibility_seconds");
  assert.deepEqual([minimum, maximum, preset], [30, 43_200, 300]);
  assert.deepEqual(field("process.type").enum, ["single_run", "sequence_run"]);
  assert.equal(field("compute.max_instances").default, 4);
  assert.match(String(field("timeout_minutes").description), /From 1 to 690 minutes\.$/);
  assert.deepEqual(SCHEMAS.workflow.required, ["input_s3_name", "output_s3_name", "process"]);
});

test("the examples are read without a problem and live in one folder", () => {
  const algorithms = readdirSync(new URL("algorithms/", PIPELINES)).filter((name) => name.endsWith(".json"));
  for (const name of algorithms) assert.deepEqual(parseAlgorithm(source(`algorithms/${name}`)).problems, []);
  const workflows = readdirSync(PIPELINES).filter((name) => name.endsWith(".json"));
  const parsed = workflows.map((name) =>
    parseWorkflow(source(name), (algorithm) =>
      algorithms.includes(`${algorithm}.json`) ? source(`algorithms/${algorithm}.json`) : undefined,
    ),
  );
  assert.deepEqual(
    parsed.flatMap(({ problems }) => problems),
    [],
  );
  assert.equal(checkFolder(parsed.map(workflowOf)).accepted.length, workflows.length);
});

test("the examples use no field that the schemas do not know", () => {
  const known = new Set([...fieldsOf(SCHEMAS.workflow, "")].map(({ path }) => path));
  for (const name of readdirSync(PIPELINES).filter((each) => each.endsWith(".json"))) {
    for (const field of Object.keys(parse(new TextDecoder().decode(source(name).bytes)) as object))
      assert.ok(known.has(field), field);
  }
});

function source(path: string) {
  return { path: `pipelines/${path}`, bytes: readFileSync(new URL(path, PIPELINES)) };
}

function* fieldsOf(schema: JsonSchema, above: string): Generator<{ path: string; field: JsonSchema }> {
  for (const [name, field] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const path = above === "" ? name : `${above}.${name}`;
    yield { path, field };
    yield* fieldsOf(field, path);
    if (field.items) yield* fieldsOf(field.items as JsonSchema, `${path}[]`);
  }
}
