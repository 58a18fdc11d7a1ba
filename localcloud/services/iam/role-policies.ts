import type * as api from "@aws-sdk/client-iam";
import { AwsError, type Call, type Operation } from "../../service.ts";
import { parsePolicy, urlEncoded } from "../policy-document.ts";
import type { Place } from "../regions.ts";
import { attachedPolicy } from "./answers.ts";
import { limitExceeded, malformedPolicy, noSuchEntity } from "./errors.ts";
import { iamPage } from "./iam-page.ts";
import { managedPolicy, policyName } from "./managed-policies.ts";
import { checkedName, type IamState, ordinaryRole, type RoleRecord, roleNamed } from "./state.ts";

/** Managed policies on a role, and characters of all its inline policies together (white space not counted). */
const ATTACHED_LIMIT = 10;
const INLINE_LIMIT = 10_240;

/** What a role may do: inline and attached policies, its boundary, and AWS's managed policies themselves. */
export function rolePolicyOperations(stateOf: (place: Place) => IamState): Record<string, Operation> {
  return {
    PutRolePolicy(input: api.PutRolePolicyCommandInput, call: Call) {
      const role = ordinaryRole(stateOf(call), input.RoleName);
      const name = checkedName("policyName", input.PolicyName, 128);
      const text = input.PolicyDocument ?? "";
      const policy = parsePolicy(text, "identity");
      if ("problem" in policy) throw malformedPolicy(policy.problem);
      const others = [...role.inline].filter(([other]) => other !== name).map(([, document]) => document);
      if ([...others, text].join("").replace(/\s/g, "").length > INLINE_LIMIT) {
        throw limitExceeded(`Maximum policy size of ${INLINE_LIMIT} bytes exceeded for role ${role.name}`);
      }
      role.inline.set(name, text);
      return {};
    },
    GetRolePolicy(input: api.GetRolePolicyCommandInput, call: Call) {
      const role = roleNamed(stateOf(call), input.RoleName);
      const text = inlinePolicy(role, input.PolicyName);
      return { RoleName: role.name, PolicyName: input.PolicyName, PolicyDocument: urlEncoded(text) };
    },
    DeleteRolePolicy(input: api.DeleteRolePolicyCommandInput, call: Call) {
      const role = ordinaryRole(stateOf(call), input.RoleName);
      inlinePolicy(role, input.PolicyName);
      role.inline.delete(input.PolicyName!);
      return {};
    },
    ListRolePolicies(input: api.ListRolePoliciesCommandInput, call: Call) {
      const names = roleNamed(stateOf(call), input.RoleName).inline.keys();
      const { items, ...page } = iamPage(names, (name) => name, input);
      return { PolicyNames: items, ...page };
    },

    AttachRolePolicy(input: api.AttachRolePolicyCommandInput, call: Call) {
      const role = ordinaryRole(stateOf(call), input.RoleName);
      const policy = managedPolicy(input.PolicyArn);
      if (policy.serviceLinked) {
        throw new AwsError("PolicyNotAttachableException", "Cannot attach a Service Role Policy to a Customer Role.");
      }
      if (!role.attached.has(policy.arn) && role.attached.size >= ATTACHED_LIMIT) {
        throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${ATTACHED_LIMIT}`);
      }
      role.attached.add(policy.arn);
      return {};
    },
    DetachRolePolicy(input: api.DetachRolePolicyCommandInput, call: Call) {
      const role = ordinaryRole(stateOf(call), input.RoleName);
      if (!role.attached.delete(input.PolicyArn ?? "")) throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
      return {};
    },
    ListAttachedRolePolicies(input: api.ListAttachedRolePoliciesCommandInput, call: Call) {
      const { attached } = roleNamed(stateOf(call), input.RoleName);
      const { items, ...page } = iamPage(attached, (arn) => arn, input);
      return { AttachedPolicies: items.map(attachedPolicy), ...page };
    },

    PutRolePermissionsBoundary(input: api.PutRolePermissionsBoundaryCommandInput, call: Call) {
      const role = ordinaryRole(stateOf(call), input.RoleName);
      role.boundaryArn = managedPolicy(input.PermissionsBoundary).arn;
      return {};
    },
    DeleteRolePermissionsBoundary(input: api.DeleteRolePermissionsBoundaryCommandInput, call: Call) {
      const role = ordinaryRole(stateOf(call), input.RoleName);
      if (role.boundaryArn === undefined) throw noSuchEntity(`Role ${role.name} does not have a permissions boundary.`);
      role.boundaryArn = undefined;
      return {};
    },

    GetPolicy(input: api.GetPolicyCommandInput, call: Call) {
      const policy = managedPolicy(input.PolicyArn);
      const roles = [...stateOf(call).roles.values()];
      return {
        Policy: {
          PolicyName: policyName(policy.arn),
          Arn: policy.arn,
          Path: policy.arn.slice(policy.arn.indexOf("/"), policy.arn.lastIndexOf("/") + 1),
          DefaultVersionId: "v1",
          AttachmentCount: roles.filter((role) => role.attached.has(policy.arn)).length,
          PermissionsBoundaryUsageCount: roles.filter((role) => role.boundaryArn === policy.arn).length,
          IsAttachable: !policy.serviceLinked,
          Description: policy.description,
        },
      };
    },
    GetPolicyVersion(input: api.GetPolicyVersionCommandInput) {
      const policy = managedPolicy(input.PolicyArn);
      if (input.VersionId !== "v1") {
        throw noSuchEntity(`Policy ${policy.arn} version ${input.VersionId} does not exist or is not attachable.`);
      }
      return { PolicyVersion: { Document: urlEncoded(policy.document), VersionId: "v1", IsDefaultVersion: true } };
    },
  };
}

function inlinePolicy(role: RoleRecord, name: string | undefined): string {
  const text = role.inline.get(name ?? "");
  if (text === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  return text;
}
