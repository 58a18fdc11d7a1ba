import { createHash } from "node:crypto";
import type { DescribeImagesRequest, DescribeImagesResult, Image } from "@aws-sdk/client-ec2";
import { AwsError, type Call, type Operation } from "../../service.ts";
import type { Place } from "../regions.ts";
import { describedPage, filtered } from "./filters.ts";

/** A machine image of Amazon's, with the public parameter that names it. */
export interface ImageRecord {
  readonly id: string;
  readonly parameter: string;
  readonly name: string;
  readonly architecture: "x86_64" | "arm64";
  readonly owner: "amazon";
  readonly tags: ReadonlyMap<string, string>;
}

/** Amazon's accounts for the images of ECS and of Amazon Linux. */
const ECS_OWNER = "591542846629";
const LINUX_OWNER = "137112412989";
const CREATED = "2026-01-01T00:00:00.000Z";

const ECS = "/aws/service/ecs/optimized-ami";
const PARAMETERS: readonly { parameter: string; name: string; architecture: ImageRecord["architecture"] }[] = [
  {
    parameter: `${ECS}/amazon-linux-2023/recommended/image_id`,
    name: "al2023-ami-ecs-hvm-x86_64",
    architecture: "x86_64",
  },
  {
    parameter: `${ECS}/amazon-linux-2023/arm64/recommended/image_id`,
    name: "al2023-ami-ecs-hvm-arm64",
    architecture: "arm64",
  },
  {
    parameter: `${ECS}/amazon-linux-2023/gpu/recommended/image_id`,
    name: "al2023-ami-ecs-gpu-hvm-x86_64",
    architecture: "x86_64",
  },
  {
    parameter: `${ECS}/amazon-linux-2/recommended/image_id`,
    name: "amzn2-ami-ecs-hvm-x86_64-ebs",
    architecture: "x86_64",
  },
  {
    parameter: `${ECS}/amazon-linux-2/arm64/recommended/image_id`,
    name: "amzn2-ami-ecs-hvm-arm64-ebs",
    architecture: "arm64",
  },
  {
    parameter: `${ECS}/amazon-linux-2/gpu/recommended/image_id`,
    name: "amzn2-ami-ecs-gpu-hvm-x86_64-ebs",
    architecture: "x86_64",
  },
  {
    parameter: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    name: "al2023-ami-x86_64",
    architecture: "x86_64",
  },
  {
    parameter: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    name: "al2023-ami-arm64",
    architecture: "arm64",
  },
];

export function imageOperations(): Record<string, Operation> {
  return {
    DescribeImages(input: DescribeImagesRequest, call: Call): DescribeImagesResult {
      const all = imagesIn(call);
      for (const id of input.ImageIds ?? []) imageOf(call, id);
      const named = all.filter(
        (image) =>
          (input.ImageIds?.includes(image.id) ?? true) &&
          (input.Owners?.some((owner) => owner === "amazon" || owner === ownerId(image)) ?? true),
      );
      const found = filtered(named, input.Filters, {
        "image-id": (image) => [image.id],
        name: (image) => [image.name],
        architecture: (image) => [image.architecture],
        "owner-alias": (image) => [image.owner],
        "owner-id": (image) => [ownerId(image)],
        state: () => ["available"],
        "root-device-type": () => ["ebs"],
        "virtualization-type": () => ["hvm"],
        "is-public": () => [true],
      });
      const page = describedPage(found, input, { least: 1, most: 1000 });
      return { Images: page.items.map(answered), NextToken: page.next };
    },
  };
}

/** The image of this identifier, or behind `resolve:ssm:PARAMETER`. */
export function imageOf(place: Place, imageId: string): ImageRecord {
  const parameter = /^resolve:ssm:([^:]+)(:\d+)?$/.exec(imageId)?.[1];
  const image = imagesIn(place).find((one) =>
    parameter === undefined ? one.id === imageId : one.parameter === parameter,
  );
  if (image !== undefined) return image;
  if (parameter !== undefined) {
    throw new AwsError("InvalidParameterValue", `The Systems Manager parameter ${parameter} could not be found.`);
  }
  if (!/^ami-[0-9a-f]+$/.test(imageId)) {
    throw new AwsError("InvalidAMIID.Malformed", `Invalid id: "${imageId}" (expecting "ami-...")`);
  }
  throw new AwsError("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`);
}

function imagesIn({ region }: Place): ImageRecord[] {
  return PARAMETERS.map((image) => ({
    ...image,
    // Images differ from region to region, and stay the same from run to run.
    id: `ami-${createHash("sha256").update(`${region} ${image.parameter}`).digest("hex").slice(0, 17)}`,
    owner: "amazon",
    tags: new Map(),
  }));
}

function ownerId({ parameter }: ImageRecord): string {
  return parameter.startsWith(ECS) ? ECS_OWNER : LINUX_OWNER;
}

function answered(image: ImageRecord): Image {
  return {
    ImageId: image.id,
    ImageLocation: `amazon/${image.name}`,
    ImageOwnerAlias: image.owner,
    ImageType: "machine",
    OwnerId: ownerId(image),
    Name: image.name,
    Architecture: image.architecture,
    CreationDate: CREATED,
    State: "available",
    Public: true,
    EnaSupport: true,
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    RootDeviceName: "/dev/xvda",
    RootDeviceType: "ebs",
    BlockDeviceMappings: [
      {
        DeviceName: "/dev/xvda",
        Ebs: { DeleteOnTermination: true, Encrypted: false, VolumeSize: 30, VolumeType: "gp3" },
      },
    ],
    Tags: [],
  };
}
