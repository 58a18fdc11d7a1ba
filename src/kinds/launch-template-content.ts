/** What a version of a launch template says, in the spec's own words. */
import type {
  _InstanceType,
  LaunchTemplateHttpTokensState,
  RequestLaunchTemplateData,
  ResponseLaunchTemplateData,
  ShutdownBehavior,
} from "@aws-sdk/client-ec2";
import { tagList, tagsOf } from "../aws/tags.ts";
import { field, sameSet } from "../core/compare.ts";
import type { Tags } from "../core/owner.ts";
import type { Change } from "../core/resource.ts";
import { entryChanges, touches, withEntries } from "./changes.ts";
import type { LaunchTemplateSpec } from "./launch-template.ts";

/** null: not said. */
export interface LaunchContent {
  readonly imageId: string | null;
  readonly instanceType: string | null;
  readonly keyName: string | null;
  readonly instanceProfile: string | null;
  readonly securityGroupIds: readonly string[];
  readonly userData: string;
  readonly shutdownBehavior: string | null;
  readonly metadata: { readonly httpTokens: string | null; readonly httpPutResponseHopLimit: number | null };
  readonly instanceTags: Tags;
  readonly volumeTags: Tags;
}

export function readContent(data: ResponseLaunchTemplateData | undefined): LaunchContent {
  const tagsFor = (type: string) => tagsOf(data?.TagSpecifications?.find((one) => one.ResourceType === type)?.Tags);
  const { IamInstanceProfile: profile, MetadataOptions: metadata } = data ?? {};
  return {
    imageId: data?.ImageId ?? null,
    instanceType: data?.InstanceType ?? null,
    keyName: data?.KeyName ?? null,
    instanceProfile: profile?.Name ?? profile?.Arn?.split("/").at(-1) ?? null,
    securityGroupIds: [...(data?.SecurityGroupIds ?? [])].sort(),
    userData: Buffer.from(data?.UserData ?? "", "base64").toString("utf8"),
    shutdownBehavior: data?.InstanceInitiatedShutdownBehavior ?? null,
    metadata: {
      httpTokens: metadata?.HttpTokens ?? null,
      httpPutResponseHopLimit: metadata?.HttpPutResponseHopLimit ?? null,
    },
    instanceTags: tagsFor("instance"),
    volumeTags: tagsFor("volume"),
  };
}

export function contentChanges(spec: LaunchTemplateSpec, have: LaunchContent, othersStay: boolean): Change[] {
  const tags = (standing: Tags) => entryChanges("instanceTags", spec.instanceTags, standing, othersStay);
  const ofInstances = tags(have.instanceTags);
  const ofVolumes = tags(have.volumeTags).filter(({ path }) => !ofInstances.some((one) => one.path === path));
  return [
    ...FIELDS.flatMap((name) => field(name, spec[name], have[name])),
    ...field("securityGroupIds", spec.securityGroupIds, have.securityGroupIds, sameSet),
    ...METADATA.flatMap((name) => field(`metadata.${name}`, spec.metadata[name], have.metadata[name])),
    ...ofInstances,
    ...ofVolumes,
  ];
}

/** What stands, with the changed fields as wanted. */
export function changedContent(
  spec: LaunchTemplateSpec,
  standing: LaunchContent,
  changes: readonly Change[],
): LaunchContent {
  const changed = (name: string) => touches(changes, name);
  return {
    ...standing,
    ...Object.fromEntries(FIELDS.filter(changed).map((name) => [name, spec[name]])),
    ...(changed("securityGroupIds") ? { securityGroupIds: [...spec.securityGroupIds].sort() } : {}),
    ...(changed("metadata") ? { metadata: spec.metadata } : {}),
    instanceTags: withEntries("instanceTags", standing.instanceTags, changes),
    volumeTags: withEntries("instanceTags", standing.volumeTags, changes),
  };
}

export const contentOf = ({ tags: _own, ...content }: LaunchTemplateSpec): LaunchContent => ({
  ...content,
  volumeTags: content.instanceTags,
});

export const requestFor = (content: LaunchContent): RequestLaunchTemplateData => ({
  ...(content.imageId === null ? {} : { ImageId: content.imageId }),
  ...(content.instanceType === null ? {} : { InstanceType: content.instanceType as _InstanceType }),
  ...(content.keyName === null ? {} : { KeyName: content.keyName }),
  ...(content.instanceProfile === null ? {} : { IamInstanceProfile: { Name: content.instanceProfile } }),
  SecurityGroupIds: [...content.securityGroupIds],
  UserData: Buffer.from(content.userData, "utf8").toString("base64"),
  ...(content.shutdownBehavior === null
    ? {}
    : { InstanceInitiatedShutdownBehavior: content.shutdownBehavior as ShutdownBehavior }),
  MetadataOptions: metadataFor(content.metadata),
  TagSpecifications: [
    { ResourceType: "instance", Tags: tagList(content.instanceTags) },
    { ResourceType: "volume", Tags: tagList(content.volumeTags) },
  ],
});

const metadataFor = ({ httpTokens, httpPutResponseHopLimit }: LaunchContent["metadata"]) => ({
  ...(httpTokens === null ? {} : { HttpTokens: httpTokens as LaunchTemplateHttpTokensState }),
  ...(httpPutResponseHopLimit === null ? {} : { HttpPutResponseHopLimit: httpPutResponseHopLimit }),
});

const FIELDS = ["imageId", "instanceType", "keyName", "instanceProfile", "userData", "shutdownBehavior"] as const;
const METADATA = ["httpTokens", "httpPutResponseHopLimit"] as const;
