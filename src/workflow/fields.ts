/**
 * How a field of a file is declared: once, with what it means, what it may hold and an example. Check, error message,
 * JSON Schema and reference all come from this one declaration.
 */
import { z } from "zod";
import { didYouMean } from "./suggest.ts";

export interface Text {
  /** What the field means, in whole sentences. */
  readonly description: string;
  /** What it must be, to be read after "must be". */
  readonly rule: string;
  readonly example: string;
  readonly pattern: RegExp;
}

/** A text that matches a pattern. */
export function text(field: Text) {
  const error = expected(field.rule, field.example);
  return z
    .string({ error })
    .regex(field.pattern, { error })
    .meta({ description: field.description, examples: [field.example] });
}

export interface CheckedText {
  readonly description: string;
  readonly rule: string;
  readonly example: string;
  /** What is wrong with a text, to be read after the field's name; undefined for a good one. */
  readonly problem: (text: string) => string | undefined;
  /** As much of the rules as JSON Schema can say, for editors. */
  readonly jsonSchema?: { readonly pattern?: string; readonly minLength?: number; readonly maxLength?: number };
}

/** A text whose rules are too many for a pattern. */
export function checkedText(field: CheckedText) {
  return z
    .string({ error: expected(field.rule, field.example) })
    .superRefine((value, context) => {
      const message = field.problem(value);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    })
    .meta({ ...field.jsonSchema, description: field.description, examples: [field.example] });
}

export interface Whole {
  readonly description: string;
  /** In the plural; part of the message and of the description. Left out where the number counts nothing. */
  readonly unit?: string;
  readonly min: number;
  readonly max: number;
}

/** A whole number with a unit, within bounds. */
export function whole(field: Whole) {
  const range = `from ${field.min} to ${field.max}`;
  const error = expected(`a whole number ${field.unit === undefined ? "" : `of ${field.unit} `}${range}`);
  return z
    .int({ error })
    .min(field.min, { error })
    .max(field.max, { error })
    .meta({
      description: `${field.description} From ${field.min} to ${field.max}${field.unit === undefined ? "" : ` ${field.unit}`}.`,
    });
}

export function yesOrNo(description: string) {
  return z.boolean({ error: expected("true or false", false) }).meta({ description });
}

/** One word of a few. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, description: string) {
  const rule = words.map((word) => JSON.stringify(word)).join(" or ");
  const message = expected(rule);
  const error = ({ input }: { readonly input?: unknown }) =>
    message({ input }) + (typeof input === "string" ? didYouMean(input, words) : "");
  return z.enum(words, { error }).meta({ description });
}

export interface List {
  readonly description: string;
  /** What it must be, in the plural: "a list of CIDR blocks". */
  readonly rule: string;
  readonly max: number;
}

/** A list with at most so many entries. */
export function list<Entry extends z.ZodType>(entry: Entry, field: List) {
  const error = expected(`${field.rule}, at most ${field.max}, in [ ]`);
  return z.array(entry, { error }).max(field.max, { error }).meta({ description: field.description });
}

/** A group of fields that may be left out as a whole. */
export function group<Shape extends z.ZodRawShape>(shape: Shape, description: string) {
  return z.strictObject(shape, { error: expected("a group of fields in { }") }).meta({ description });
}

/** The message of a field: what it must be, an example, and what stands there instead. */
export function expected(rule: string, example?: unknown): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    const such = example === undefined || rule.includes(show(example)) ? "" : `, such as ${show(example)}`;
    return input === undefined ? `is missing; it must be ${rule}${such}` : `must be ${rule}${such}, not ${show(input)}`;
  };
}

/** A value as it would stand in a file, cut where it is long. */
export function show(value: unknown): string {
  const shown = JSON.stringify(value) ?? String(value);
  return shown.length > 60 ? shown.slice(0, 57) + "…" : shown;
}
