import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  mergedPolicy,
  type Policy,
  policy,
  readPolicy,
  type Statement,
  samePolicy,
  sameStatement,
} from "../../src/core/policy.ts";

/** Statements of `want` that `have` lacks. */
const missingStatements = (want: Policy, have: Policy | undefined): Statement[] =>
  want.Statement.filter((one) => !have?.Statement.some((other) => sameStatement(one, other)));

const ACCOUNT = "123456789012";
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:pw-a`;

const statement = (more: Partial<Statement> = {}): Statement => ({
  Sid: "Send",
  Effect: "Allow",
  Principal: { Service: "s3.amazonaws.com" },
  Action: ["sqs:SendMessage", "sqs:GetQueueAttributes"],
  Resource: QUEUE,
  Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT }, ArnLike: { "aws:SourceArn": "arn:aws:s3:::in" } },
  ...more,
});

/** As AWS might answer it, without our types. */
const answered = (document: unknown): Policy => readPolicy(JSON.stringify(document))!;
const means = (document: unknown, ...wanted: Statement[]) => samePolicy(policy(...wanted), answered(document));
const base = policy(statement());
const bent = (more: object): unknown => ({ ...base, Statement: [{ ...statement(), ...more }] });

describe("a document that AWS rewrote", () => {
  it("is read whether or not it is URL-encoded, and decoded once only", () => {
    const text = JSON.stringify(bent({ Resource: "arn:aws:s3:::in/100%25" }));
    assert.deepEqual(readPolicy(encodeURIComponent(text)), readPolicy(text));
    assert.equal(readPolicy(text)?.Statement[0]?.Resource, "arn:aws:s3:::in/100%25");
  });

  it("is none where there is none", () => {
    assert.equal(readPolicy(undefined), undefined);
    assert.equal(readPolicy(""), undefined);
    assert.ok(samePolicy(undefined, policy()));
    assert.ok(!samePolicy(undefined, base));
  });

  for (const [what, document] of [
    ["has its single statement without a list", { ...base, Statement: statement() }],
    ["has another order of its fields", { Statement: [statement()], Version: base.Version }],
    ["has its lists in another order", bent({ Action: ["sqs:GetQueueAttributes", "sqs:SendMessage"] })],
    ["says something twice", bent({ Action: ["sqs:GetQueueAttributes", "sqs:SendMessage", "sqs:SendMessage"] })],
    ["has a list of one for a text", bent({ Resource: [QUEUE], Principal: { Service: ["s3.amazonaws.com"] } })],
    ["writes its effect otherwise", bent({ Effect: "ALLOW" })],
    ["writes its actions otherwise", bent({ Action: ["SQS:sendmessage", "SQS:getqueueattributes"] })],
    [
      "writes its condition keys otherwise",
      bent({
        Condition: {
          StringEquals: { "AWS:SourceAccount": ACCOUNT },
          ArnLike: { "AWS:SourceArn": ["arn:aws:s3:::in"] },
        },
      }),
    ],
    ["brings an id of its own", { ...base, Id: "__default_policy_ID" }],
  ] as const) {
    it(`means the same when it ${what}`, () => assert.ok(means(document, statement())));
  }

  it("means the same when an account stands there by its root, in any partition", () => {
    const byId = statement({ Principal: { AWS: ACCOUNT } });
    for (const partition of ["aws", "aws-cn", "aws-us-gov"]) {
      assert.ok(means(bent({ Principal: { AWS: `arn:${partition}:iam::${ACCOUNT}:root` } }), byId), partition);
    }
    assert.ok(!means(bent({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/root` } }), byId));
  });

  it("means the same when everybody is spelled out as AWS's principals", () => {
    assert.ok(means(bent({ Principal: { AWS: "*" } }), statement({ Principal: "*" })));
    assert.ok(!means(bent({ Principal: { AWS: "*" } }), statement({ Principal: { Service: "*" } })));
  });

  it("means the same with an empty Sid as with none", () => {
    const { Sid: _none, ...bare } = statement();
    assert.ok(means({ ...base, Statement: [{ ...bare, Sid: "" }] }, bare));
  });

  it("means the same when it writes a truth value or a number as text", () => {
    const secure = statement({ Condition: { Bool: { "aws:SecureTransport": false } } });
    assert.ok(means(bent({ Condition: { Bool: { "aws:SecureTransport": "false" } } }), secure));
  });

  it("reads a deleted principal as another one: that is real drift", () => {
    const want = statement({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/gone` } });
    assert.ok(!means(bent({ Principal: { AWS: "AROAEXAMPLEEXAMPLE" } }), want));
  });
});

describe("any document", () => {
  const word = fc.stringMatching(/^[a-z]{1,4}$/);
  const words = fc.uniqueArray(word, { minLength: 1, maxLength: 4 });
  const optional = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
  const arbitrary: fc.Arbitrary<Statement> = fc
    .record({
      Sid: optional(word),
      Effect: fc.constantFrom<"Allow" | "Deny">("Allow", "Deny"),
      Principal: optional(fc.oneof(fc.constant("*"), fc.record({ Service: words }), fc.record({ AWS: words }))),
      Action: words,
      Resource: optional(words),
      Condition: optional(fc.dictionary(word, fc.dictionary(word, words, { minKeys: 1, maxKeys: 2 }), { maxKeys: 2 })),
    })
    .map((fields) => JSON.parse(JSON.stringify(fields)));
  const statements = fc.array(arbitrary, { maxLength: 4 });

  /** One of the ways in which AWS may write a list: turned round, or as a text where it has one element. */
  const rewritten = (value: unknown, turn: boolean): unknown => {
    if (Array.isArray(value)) {
      const list = value.map((one) => rewritten(one, turn));
      return list.length === 1 && turn ? list[0] : list.toReversed();
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([name, inner]) => [name, rewritten(inner, turn)]),
    );
  };

  it("means the same after any rewriting", () => {
    fc.assert(
      fc.property(statements, fc.boolean(), (list, turn) => {
        const document = rewritten({ Version: "2012-10-17", Statement: list }, turn);
        const read = readPolicy(encodeURIComponent(JSON.stringify(document)));
        assert.ok(samePolicy(policy(...list), read));
        assert.ok(samePolicy(read, policy(...list)));
      }),
    );
  });

  it("means something else once a statement is changed, added or taken away", () => {
    const changes: readonly ((one: Statement) => Statement)[] = [
      (one) => ({ ...one, Effect: one.Effect === "Allow" ? "Deny" : "Allow" }),
      (one) => ({ ...one, Action: [...one.Action!, "added"] }),
      (one) => ({ ...one, Action: "*" }),
      (one) => ({ ...one, Resource: [...(one.Resource ?? []), "added"] }),
      (one) => ({ ...one, Principal: { Service: "added" } }),
      (one) => ({ ...one, Condition: { ...one.Condition, Added: { key: "value" } } }),
      (one) => ({ ...one, Sid: "Added" }),
      ({ Action, ...one }) => ({ ...one, NotAction: Action! }),
    ];
    fc.assert(
      fc.property(statements, arbitrary, fc.constantFrom(...changes), (others, one, change) => {
        assert.ok(!samePolicy(policy(...others, one), policy(...others, change(one))));
        assert.ok(!samePolicy(policy(...others, one), policy(...others)));
      }),
    );
  });

  it("with ours merged in holds ours, keeps what others wrote, and needs no second write", () => {
    fc.assert(
      fc.property(statements, statements, (ours, theirs) => {
        const merged = mergedPolicy(policy(...ours), policy(...theirs));
        assert.deepEqual(missingStatements(policy(...ours), merged), []);
        const sids = new Set(ours.map((one) => one.Sid).filter((sid) => sid !== undefined));
        const kept = theirs.filter((one) => one.Sid === undefined || !sids.has(one.Sid));
        assert.deepEqual(missingStatements(policy(...kept), merged), []);
        assert.ok(samePolicy(merged, mergedPolicy(policy(...ours), merged)));
      }),
    );
  });
});

describe("a policy that others write too", () => {
  it("gets our statement in place of the one of the same Sid, and the others stay", () => {
    const theirs = statement({ Sid: "Theirs", Principal: "*", Effect: "Deny" });
    const merged = mergedPolicy(base, policy(theirs, statement({ Action: "sqs:*" })));
    assert.ok(samePolicy(merged, policy(theirs, statement())));
  });

  it("lacks what stands there only in another meaning", () => {
    assert.deepEqual(missingStatements(base, undefined), [statement()]);
    assert.deepEqual(missingStatements(base, answered(bent({ Effect: "Deny" }))), [statement()]);
    assert.deepEqual(missingStatements(base, answered(bent({ Effect: "allow" }))), []);
  });
});
