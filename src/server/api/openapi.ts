/** The OpenAPI document, made of the table of routes and the schemas that check their answers. */
import { z } from "zod";
import type { Route } from "./routes.ts";
import * as schemas from "./schemas.ts";

export function openApi(routes: readonly Route[], version: string): object {
  return {
    openapi: "3.1.0",
    info: {
      title: "Pipewright",
      version,
      description: "How workflows stand on AWS. Everything that changes anything wants the token as a bearer token.",
    },
    paths: pathsOf([...routes.map(operationOf), ...STREAMS]),
    components: {
      schemas: components(),
      securitySchemes: { token: { type: "http", scheme: "bearer", description: "The setting PIPEWRIGHT_TOKEN" } },
    },
  };
}

interface Operation {
  readonly path: string;
  readonly method: "get" | "post";
  readonly about: object;
}

/** Answers that every guarded route has besides its own. */
const GUARDED = { 401: "The token is missing or wrong", 403: "No token is configured: read-only" };

const MEANINGS: Readonly<Record<number, string>> = {
  200: "As asked",
  202: "Asked for",
  404: "There is no such workflow",
  409: "This daemon watches; another one acts",
  503: "Not ready",
};

function operationOf(route: Route): Operation {
  const answers = Object.entries(route.answers).map(([code, schema]) => [
    code,
    { description: MEANINGS[Number(code)], content: json(nameOf(schema)) },
  ]);
  const guards = Object.entries(GUARDED).map(([code, description]) => [code, { description, content: json("error") }]);
  const named = route.path.includes(":name");
  return {
    path: route.path.replace(":name", "{name}"),
    method: route.method === "GET" ? "get" : "post",
    about: {
      summary: route.summary,
      ...(named ? { parameters: [NAME] } : {}),
      ...(route.guarded ? { security: [{ token: [] }] } : {}),
      responses: Object.fromEntries(route.guarded ? [...answers, ...guards] : answers),
    },
  };
}

const nameOf = (schema: z.ZodType): string => Object.entries(schemas).find(([, one]) => one === schema)![0];

const NAME = {
  name: "name",
  in: "path",
  required: true,
  description: "the workflow's name",
  schema: { type: "string" },
};

const json = (schema: string) => ({ "application/json": { schema: { $ref: `#/components/schemas/${schema}` } } });

const text = (description: string, type: string) => ({
  200: { description, content: { [type]: { schema: { type: "string" } } } },
});

/** What is no JSON of a schema of ours. */
const STREAMS: readonly Operation[] = [
  {
    path: "/api/v1/events",
    method: "get",
    about: {
      summary: "Server-sent events: `changed` when the status may read differently, `history` with each new entry",
      responses: {
        ...text("A stream that does not end", "text/event-stream"),
        503: { description: "Too many listen already", content: json("error") },
      },
    },
  },
  {
    path: "/api/v1/openapi.json",
    method: "get",
    about: {
      summary: "This document",
      responses: {
        200: { description: "OpenAPI 3.1", content: { "application/json": { schema: { type: "object" } } } },
      },
    },
  },
  {
    path: "/metrics",
    method: "get",
    about: { summary: "Metrics for Prometheus", responses: text("Prometheus' text format", "text/plain") },
  },
];

function pathsOf(operations: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const { path, method, about } of operations) paths[path] = { ...paths[path], [method]: about };
  return paths;
}

function components(): object {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _dialect, $id: _place, ...schema }]) => [id, schema]),
  );
}
