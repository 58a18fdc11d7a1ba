import type { Service, World } from "../service.ts";
import { concurrencyOperations } from "./lambda/concurrency.ts";
import { eventInvokeConfigOperations } from "./lambda/event-invoke-config.ts";
import { functionOperations } from "./lambda/function-operations.ts";
import { type FunctionRecord, Functions } from "./lambda/functions.ts";
import { invokeOperations } from "./lambda/invoke.ts";
import { type Invoker, mayInvoke, permissionOperations } from "./lambda/permissions.ts";
import { taggable } from "./tags.ts";

/** What other services ask of the functions. */
export interface Lambda extends Service {
  functionExists(arn: string): boolean;
  /** Whether the function's policy lets this service invoke it; false where the function is absent. */
  mayInvoke(invoker: Invoker): boolean;
  /** For whoever runs the code: zip, settings, role, delivery of events. */
  function(arn: string): Readonly<FunctionRecord> | undefined;
}

export function createLambda(world: World): Lambda {
  const functions = new Functions(world);
  return {
    id: "lambda",
    state: functions.state,
    operations: {
      ...functionOperations(functions, world),
      ...permissionOperations(functions, world),
      ...eventInvokeConfigOperations(functions, world),
      ...concurrencyOperations(functions),
      ...invokeOperations(functions, world),
    },
    *taggables() {
      for (const { arn, tags } of functions.all()) yield taggable(arn, tags);
    },
    functionExists: (arn) => functions.byArn(arn) !== undefined,
    mayInvoke: (invoker) => mayInvoke(functions.byArn(invoker.functionArn), invoker),
    function: (arn) => functions.byArn(arn),
  };
}
