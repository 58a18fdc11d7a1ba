import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { createTagReader, lowerTagList, tagList, tagsOf } from "../../src/aws/tags.ts";
import type { Tags } from "../../src/core/owner.ts";
import type { Pass } from "../../src/core/resource.ts";
import { createFakeClock } from "../engine/fake-clock.ts";
import { type Manner, startAnswering } from "./answering.ts";

const pass = (more: Partial<Pass> = {}): Pass => ({
  id: "1",
  owner: "default",
  account: { account: "123456789012", region: "us-east-1", partition: "aws" },
  signal: new AbortController().signal,
  fresh: false,
  mayLoseData: false,
  ...more,
});

const OURS = { "pipewright:owner": "default", "pipewright:workflow": "plants" };
const queue = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

/** A tagging API that knows these ARNs, and what it was asked. */
async function reader(known: Readonly<Record<string, Tags>>, answer?: (index: number) => Manner | undefined) {
  const asked: { ResourceARNList?: string[]; TagFilters?: unknown; PaginationToken?: string }[] = [];
  const server = await startAnswering(({ body }, index) => {
    const request = JSON.parse(body);
    asked.push(request);
    const listed = Object.entries(known).filter(([arn]) => request.ResourceARNList?.includes(arn) ?? true);
    return (
      answer?.(index) ?? {
        body: { ResourceTagMappingList: listed.map(([ResourceARN, tags]) => ({ ResourceARN, Tags: tagList(tags) })) },
      }
    );
  });
  stop = server.stop;
  const clock = createFakeClock();
  // Coalescing needs no time of its own here: what is asked at once is sent at the next turn.
  const tags = createTagReader({
    clients: server.connect().clients,
    clock: { ...clock, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
  });
  let natives = 0;
  const native = async () => {
    natives += 1;
    return { native: "yes" } as Tags;
  };
  return { asked, clock, tags, native, natives: () => natives };
}

describe("tags of one thing", () => {
  it("are taken from the batch where it shows our owner tag, all that were asked for in one call", async () => {
    const { asked, native, natives, tags } = await reader({ [queue("a")]: OURS, [queue("b")]: OURS });
    const answers = await Promise.all(["a", "b"].map((name) => tags.of(queue(name), pass(), native)));
    assert.deepEqual(answers, [OURS, OURS]);
    assert.deepEqual(
      asked.map((one) => one.ResourceARNList),
      [[queue("a"), queue("b")]],
    );
    assert.equal(natives(), 0);
  });

  for (const [what, known] of [
    ["does not know it", {}],
    ["knows it without tags", { [queue("a")]: {} }],
    ["knows it under another owner", { [queue("a")]: { "pipewright:owner": "other" } }],
  ] as const) {
    it(`are asked of the service itself where the batch ${what}`, async () => {
      const { native, tags } = await reader(known);
      assert.deepEqual(await tags.of(queue("a"), pass(), native), { native: "yes" });
    });
  }

  it("are asked of the service itself where the tagging API is denied, or down", async () => {
    const { native, tags } = await reader({}, () => ({ status: 400, body: { __type: "AccessDeniedException" } }));
    assert.deepEqual(await tags.of(queue("a"), pass(), native), { native: "yes" });
  });

  it("are asked of the service itself for a fresh read, and of nobody else", async () => {
    const { asked, native, tags } = await reader({ [queue("a")]: OURS });
    assert.deepEqual(await tags.of(queue("a"), pass({ fresh: true }), native), { native: "yes" });
    assert.deepEqual(asked, []);
  });

  it("are asked of nobody where there is no such thing, unless the batch shows them", async () => {
    const { native, natives, tags } = await reader({ [queue("a")]: OURS });
    assert.equal(await tags.of(queue("gone"), pass(), native, Promise.resolve(undefined)), undefined);
    assert.deepEqual(await tags.of(queue("a"), pass(), native, Promise.resolve(undefined)), OURS);
    assert.equal(natives(), 0);
    assert.deepEqual(await tags.of(queue("b"), pass(), native, Promise.resolve({})), { native: "yes" });
  });

  it("are asked anew after a write of ours", async () => {
    const { asked, native, tags } = await reader({ [queue("a")]: OURS });
    await tags.of(queue("a"), pass(), native);
    await tags.of(queue("a"), pass(), native);
    assert.equal(asked.length, 1);
    tags.forget(queue("a"));
    await tags.of(queue("a"), pass(), native);
    assert.equal(asked.length, 2);
  });
});

describe("everything of ours", () => {
  const known = {
    [queue("a")]: OURS,
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/pw-a": OURS,
    "arn:aws:ecs:us-east-1:123456789012:task/pipewright/1": OURS,
    "arn:aws:ecs:us-east-1:123456789012:task-definition/pw-a:1": OURS,
    "arn:aws:s3:::plants-in": OURS,
  };

  it("is listed by type, with one listing for all types", async () => {
    const { asked, tags } = await reader(known);
    const names = async (type: string) => (await tags.list(type, pass())).map(({ arn }) => arn.split(":").at(-1));
    assert.deepEqual(await names("sqs"), ["a"]);
    assert.deepEqual(await names("logs:log-group"), ["/aws/lambda/pw-a"]);
    assert.deepEqual(await names("ecs:task/"), ["task/pipewright/1"]);
    assert.deepEqual(await names("s3"), ["plants-in"]);
    assert.deepEqual(await names("lambda:function"), []);
    assert.deepEqual(
      asked.map((one) => one.TagFilters),
      [[{ Key: "pipewright:owner", Values: ["default"] }]],
    );
  });

  it("is read page by page, anew for a fresh pass, and apart for each owner", async () => {
    const pages = [
      { PaginationToken: "next", ResourceTagMappingList: [{ ResourceARN: queue("a"), Tags: [] }] },
      { PaginationToken: "", ResourceTagMappingList: [{ ResourceARN: queue("b"), Tags: [] }] },
    ];
    const { asked, tags } = await reader({}, (index) => ({ body: pages[index % 2]! }));
    const arns = async (of: Pass) => (await tags.list("sqs", of)).map(({ arn }) => arn);
    assert.deepEqual(await arns(pass()), [queue("a"), queue("b")]);
    await arns(pass({ fresh: true }));
    await arns(pass({ owner: "other" }));
    assert.equal(asked.length, 6);
  });

  it("is never taken for nothing where the tagging API does not answer", async () => {
    let broken = true;
    const { tags } = await reader(known, () =>
      broken ? { status: 400, body: { __type: "AccessDeniedException" } } : undefined,
    );
    await assert.rejects(tags.list("sqs", pass()), /AccessDenied/);
    broken = false;
    assert.equal((await tags.list("sqs", pass())).length, 1);
  });
});

describe("a tag list", () => {
  it("is read in either spelling, and written in each", () => {
    assert.deepEqual(tagsOf([{ Key: "a", Value: "1" }, { key: "b", value: "" }, { Key: "c" }]), {
      a: "1",
      b: "",
      c: "",
    });
    assert.deepEqual(tagsOf(undefined), {});
    assert.deepEqual(tagList({ a: "1" }), [{ Key: "a", Value: "1" }]);
    assert.deepEqual(lowerTagList({ a: "1" }), [{ key: "a", value: "1" }]);
  });
});
