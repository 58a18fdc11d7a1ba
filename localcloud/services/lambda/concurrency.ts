import type * as api from "@aws-sdk/client-lambda";
import type { Call, Operation } from "../../service.ts";
import type { Place } from "../regions.ts";
import { invalidParameter, validation } from "./errors.ts";
import type { Functions } from "./functions.ts";

/** What an ordinary account has, and what reservations must leave of it for all other functions. */
const CONCURRENCY = 1000;
const UNRESERVED_AT_LEAST = 100;

export function concurrencyOperations(functions: Functions): Record<string, Operation> {
  const reserved = (place: Place) =>
    [...functions.in(place).values()].reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
  return {
    PutFunctionConcurrency(input: api.PutFunctionConcurrencyCommandInput, call: Call) {
      const record = functions.named(call, input.FunctionName);
      const wanted = input.ReservedConcurrentExecutions;
      if (wanted === undefined || !Number.isInteger(wanted) || wanted < 0) {
        throw validation("reservedConcurrentExecutions", wanted, "have value greater than or equal to 0");
      }
      const others = reserved(call) - (record.reservedConcurrency ?? 0);
      if (CONCURRENCY - others - wanted < UNRESERVED_AT_LEAST) {
        throw invalidParameter(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_AT_LEAST}].`,
        );
      }
      record.reservedConcurrency = wanted;
      return { ReservedConcurrentExecutions: wanted };
    },
    GetFunctionConcurrency(input: api.GetFunctionConcurrencyCommandInput, call: Call) {
      return { ReservedConcurrentExecutions: functions.named(call, input.FunctionName).reservedConcurrency };
    },
    DeleteFunctionConcurrency(input: api.DeleteFunctionConcurrencyCommandInput, call: Call) {
      functions.named(call, input.FunctionName).reservedConcurrency = undefined;
      return {};
    },
    GetAccountSettings(_input: api.GetAccountSettingsCommandInput, call: Call) {
      const all = [...functions.in(call).values()];
      return {
        AccountLimit: {
          TotalCodeSize: 80_530_636_800,
          CodeSizeUnzipped: 262_144_000,
          CodeSizeZipped: 52_428_800,
          ConcurrentExecutions: CONCURRENCY,
          UnreservedConcurrentExecutions: CONCURRENCY - reserved(call),
        },
        AccountUsage: {
          TotalCodeSize: all.reduce((sum, { code }) => sum + code.zip.length, 0),
          FunctionCount: all.length,
        },
      };
    },
  };
}
