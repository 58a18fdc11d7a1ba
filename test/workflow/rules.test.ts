import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bucketNameProblem } from "../../src/workflow/bucket-name.ts";
import { cidrProblem } from "../../src/workflow/cidr.ts";
import { adoptEntryProblem, ignoreEntryProblem } from "../../src/workflow/entries.ts";
import { tagProblems } from "../../src/workflow/tags.ts";

test("bucket names that S3 takes are taken", () => {
  for (const name of ["abc", "container-clouds-input", "a.b-c.9", "9".repeat(63), "1.2.3", "x--y"]) {
    assert.equal(bucketNameProblem(name), undefined, name);
  }
});

test("bucket names that S3 refuses are refused, each for its reason", () => {
  const reasons: readonly (readonly [string, RegExp])[] = [
    ["ab", /has 2 characters; a bucket name has at least 3/],
    ["a".repeat(64), /has 64 characters; a bucket name has at most 63/],
    ["My_Bucket", /holds "M".*write "my-bucket"/],
    ["bücher", /holds "ü".*write "b-cher"/],
    ["-abc", /begin and end with a letter or a digit/],
    ["abc.", /begin and end with a letter or a digit/],
    ["a..b", /two dots/],
    ["192.168.0.1", /IP address/],
    ["xn--abc", /begins with "xn--"/],
    ["sthree-abc", /begins with "sthree-"/],
    ["amzn-s3-demo-bucket", /begins with "amzn-s3-demo-"/],
    ["abc-s3alias", /ends in "-s3alias"/],
    ["abc--ol-s3", /ends in "--ol-s3"/],
    ["abc.mrap", /ends in "\.mrap"/],
    ["abc--usw2-az1--x-s3", /ends in "--x-s3"/],
    ["abc--table-s3", /ends in "--table-s3"/],
  ];
  for (const [name, reason] of reasons) assert.match(bucketNameProblem(name) ?? "", reason, name);
});

test("any text gets an answer, and a name that is proposed is good", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 80 }), (name) => {
      const proposed = /; write "(.*)"$/.exec(bucketNameProblem(name) ?? "")?.[1];
      if (proposed !== undefined) assert.equal(bucketNameProblem(proposed), undefined);
    }),
  );
});

test("address blocks of both kinds are taken when nothing is set behind their length", () => {
  for (const block of [
    "0.0.0.0/0",
    "203.0.113.0/24",
    "203.0.113.7/32",
    "10.128.0.0/9",
    "::/0",
    "2001:db8::/32",
    "::1/128",
    "1:2:3:4:5:6:7:8/128",
  ]) {
    assert.equal(cidrProblem(block), undefined, block);
  }
  for (const block of ["203.0.113.1/24", "10.192.0.0/9", "2001:db8::1/32"])
    assert.match(cidrProblem(block)!, /bits set behind/, block);
  assert.match(cidrProblem("10.0.0.0/33")!, /has a length of 33 bits; an address has 32/);
  for (const block of ["10.0.0.0", "", "/", "all"])
    assert.match(cidrProblem(block)!, /must be an address block/, block);
  for (const block of [
    "256.0.0.0/8",
    "010.0.0.0/8",
    "1.2.3/8",
    "1::2::3/64",
    "1:2:3:4:5:6:7:8:9/64",
    ":/0",
    "g::/16",
    "x/8",
  ]) {
    assert.match(cidrProblem(block)!, /has no IP address/, block);
  }
});

test("entries name a kind, resources and a field", () => {
  for (const entry of ["queue/*:visibilityTimeoutSeconds", "log-group//aws/lambda/pw-*:tags.pipewright:owner"]) {
    assert.equal(ignoreEntryProblem(entry), undefined, entry);
  }
  for (const entry of ["queue", "queue/x", "queue/:x", "/x:y", "queue/x:", "Queue/x:y", "queue/a b:c"]) {
    assert.match(ignoreEntryProblem(entry)!, /must read kind\/name:field/, entry);
  }
  assert.equal(adoptEntryProblem("log-group//aws/lambda/x"), undefined);
  for (const entry of ["bucket", "bucket/", "bucket/*", "/x", "bucket/a b"])
    assert.match(adoptEntryProblem(entry)!, /must read kind\/name with one full name/, entry);
});

test("tags keep to what AWS allows and to what our own tags need", () => {
  const messages = (tags: Record<string, unknown>) =>
    tagProblems(tags)
      .map(({ message }) => message)
      .join("\n");
  assert.equal(messages({ team: "botany", "cost/centre_1.2:x=y+z-@": "", Größe: "ü 1" }), "");
  assert.match(messages({ "AWS:x": "" }), /begins with AWS:, which is reserved/);
  assert.match(messages({ "pipewright:owner": "me" }), /begins with pipewright:, which is reserved/);
  assert.match(messages({ "a b": "" }), /has " " in its key/);
  assert.match(messages({ "": "" }), /empty or longer than 128/);
  assert.match(messages({ ["k".repeat(129)]: "" }), /empty or longer than 128/);
  assert.match(messages({ team: "a", Team: "b" }), /has the key "team" in other letters/);
  assert.match(messages({ a: "x".repeat(257) }), /has a value of 257 characters; at most 256/);
  assert.match(messages({ a: "<b>" }), /has "<" in its value/);
  assert.match(messages({ a: true }), /must be a text in double quotes, such as "true"/);
  // Three keys of 85 characters are 257 with the spaces between them, so one letter less is the most.
  const keys = (length: number) => Object.fromEntries(["a", "b", "c"].map((key) => [key.padEnd(length, "x"), ""]));
  assert.match(messages(keys(85)), /has keys of 257 characters together/);
  assert.equal(messages(keys(84)), "");
});
