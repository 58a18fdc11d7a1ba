import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { escapeXml, parseXml } from "../../../localcloud/wire/xml.ts";

describe("XML", () => {
  it("is read with entities, CDATA, comments, attributes and prefixes", () => {
    const root = parseXml(
      '<?xml version="1.0"?><!-- note --><a:Root xmlns:a="u" xsi:type="T&amp;"><One>1 &lt; &#x32;&#51;</One><One/><Two><![CDATA[<raw>&]]></Two></a:Root>',
    );
    assert.equal(root.name, "Root");
    assert.deepEqual({ ...root.attributes }, { "xmlns:a": "u", "xsi:type": "T&" });
    assert.deepEqual(
      root.children.map(({ name, text }) => [name, text]),
      [
        ["One", "1 < 23"],
        ["One", ""],
        ["Two", "<raw>&"],
      ],
    );
  });

  it("that is broken is refused", () => {
    for (const broken of ["", "text", "<a>", "<a></b>", "</a>", "<a><b></a></b>", "<a></a><"]) {
      assert.throws(() => parseXml(broken), { name: "SerializationError" }, broken);
    }
  });

  it("keeps every character of a text through writing and reading", () => {
    const text = `<&>"' \r\n\t ü 😀 ]]> \u2028`;
    assert.equal(parseXml(`<a>${escapeXml(text)}</a>`).text, text);
  });
});
