/** Service-linked roles: exist or are created; never tagged, changed or deleted. Name = service, `ecs.amazonaws.com`. */
import { CreateServiceLinkedRoleCommand } from "@aws-sdk/client-iam";
import { z } from "zod";
import type { Aws } from "../aws/aws.ts";
import { is } from "../aws/errors.ts";
import type { Resource } from "../core/resource.ts";

export const serviceLinkedRoleSchema = z.strictObject({});
export type ServiceLinkedRoleSpec = z.infer<typeof serviceLinkedRoleSchema>;

export interface ServiceLinkedRoleActual {
  readonly arn: string;
}

/** It belongs to its service, not to us: to be claimed with `verify`. */
export function serviceLinkedRole(aws: Aws): Resource<ServiceLinkedRoleSpec, ServiceLinkedRoleActual> {
  return {
    kind: "service-linked-role",
    schema: serviceLinkedRoleSchema,

    async read(service, pass) {
      // Its path follows from the service, its name does not.
      const arn = await aws.roles.under(`/aws-service-role/${service}/`, pass);
      return arn === undefined ? { is: "absent" } : { is: "foreign", actual: { arn } };
    },

    diff: () => [],

    async create(service, _spec, pass) {
      try {
        await aws.clients.iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: service }), {
          abortSignal: pass.signal,
        });
      } catch (error) {
        // IAM says InvalidInput "Service role name … has been taken in this account" where it exists.
        const taken = is(error, "InvalidInput", "InvalidInputException") && /has been taken/.test(String(error));
        if (!taken && !is(error, "EntityAlreadyExists", "EntityAlreadyExistsException")) throw error;
      }
    },

    async *list() {},
  };
}
