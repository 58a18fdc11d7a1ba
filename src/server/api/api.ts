/** Serves the table of routes: checks the token where one is wanted, and each answer against its schema. */
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Actions } from "../actions.ts";
import { openApi } from "./openapi.ts";
import { type Route, type RouteDeps, routes } from "./routes.ts";

export function serveApi(app: FastifyInstance, deps: RouteDeps & { readonly version: string }): void {
  const table = routes(deps);
  for (const route of table) {
    app.route<{ Params: { name?: string } }>({
      method: route.method,
      url: route.path,
      async handler({ headers, params }, reply) {
        const refusal = route.guarded && refusalOf(deps.actions, headers.authorization);
        if (refusal?.code === 401) reply.header("www-authenticate", "Bearer");
        if (refusal) return reply.code(refusal.code).send({ error: refusal.error });
        const { code, body } = await route.handle(params.name ?? "");
        return sendChecked(reply, route, code, body);
      },
    });
  }
  const document = openApi(table, deps.version);
  app.get("/api/v1/openapi.json", async () => document);
}

function refusalOf(actions: Actions, authorization: string | undefined): { code: number; error: string } | undefined {
  if (!actions.enabled) return { code: 403, error: "read-only: no PIPEWRIGHT_TOKEN is configured" };
  const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  if (actions.allows(token)) return undefined;
  return { code: 401, error: "send the token: Authorization: Bearer <PIPEWRIGHT_TOKEN>" };
}

/** An answer that is not as the document says is a bug of ours, and told as one. */
function sendChecked(reply: FastifyReply, route: Route, code: number, body: unknown): FastifyReply {
  const schema = route.answers[code];
  if (schema === undefined) throw new Error(`${route.method} ${route.path} has no answer ${code}`);
  const text = JSON.stringify(schema.parse(body), unsetAsNull);
  return reply.code(code).type("application/json; charset=utf-8").send(text);
}

/** JSON knows no undefined, and a field that is unset is told as one. */
const unsetAsNull = (name: string, value: unknown): unknown =>
  value === undefined && (name === "want" || name === "have") ? null : value;
