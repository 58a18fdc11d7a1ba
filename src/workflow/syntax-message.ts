/** What a syntax error means to the person who made it, by the parser's name for it. */
const MESSAGES: Readonly<Record<string, string>> = {
  InvalidSymbol:
    'is no JSON: names and texts stand in double quotes, as in "name"; other values are numbers, true or false',
  InvalidNumberFormat: "is no number as JSON writes them, such as 12 or 0.5",
  UnexpectedEndOfNumber: "is no number as JSON writes them, such as 12 or 0.5",
  PropertyNameExpected: 'expected a name in double quotes here, as in "name": "value"',
  ValueExpected: "expected a value here: a text in double quotes, a number, true, false, [ or {",
  ColonExpected: "expected a colon here, between name and value",
  CommaExpected: "expected a comma before this",
  CloseBraceExpected: "expected a closing } here",
  CloseBracketExpected: "expected a closing ] here",
  EndOfFileExpected: "expected the end of the file here; remove what follows the document",
  InvalidCommentToken: "is no comment; write // or /* */",
  UnexpectedEndOfComment: "begins a comment that never ends; close it with */",
  UnexpectedEndOfString: 'begins a text that does not end on its line; close it with ", and write a line break as \\n',
  InvalidUnicode: "holds a bad \\u sequence; write four hexadecimal digits, as in \\u00e9",
  InvalidEscapeCharacter: "holds a backslash that means nothing in JSON; write a backslash as \\\\",
  InvalidCharacter: "holds a control character; write it as \\n, \\t or \\u0000",
};

export const syntaxMessage = (code: string): string =>
  MESSAGES[code] ?? "is no JSON; compare with the examples in pipelines/";
