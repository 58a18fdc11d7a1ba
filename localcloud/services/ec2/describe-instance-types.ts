import type {
  _InstanceType,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
} from "@aws-sdk/client-ec2";
import { AwsError, type Operation } from "../../service.ts";
import { describedPage, filtered } from "./filters.ts";
import { type InstanceTypeFacts, instanceType, instanceTypes } from "./instance-types.ts";

export function instanceTypeOperations(): Record<string, Operation> {
  return {
    DescribeInstanceTypes(input: DescribeInstanceTypesRequest): DescribeInstanceTypesResult {
      const asked: readonly string[] = input.InstanceTypes ?? [];
      const unknown = asked.filter((name) => instanceType(name) === undefined);
      if (unknown.length > 0) {
        throw new AwsError(
          "InvalidInstanceType",
          `The following supplied instance types do not exist: [${unknown.join(", ")}]`,
        );
      }
      const candidates = [...instanceTypes()]
        .filter((type) => asked.length === 0 || asked.includes(type.name))
        .map((type) => ({ ...type, id: type.name, tags: new Map<string, string>() }));
      const found = filtered(candidates, input.Filters, {
        "instance-type": (type) => [type.name],
        "current-generation": (type) => [type.currentGeneration],
        "burstable-performance-supported": (type) => [type.burstable],
        "processor-info.supported-architecture": (type) => [type.architecture],
        "vcpu-info.default-vcpus": (type) => [type.vcpus],
        "memory-info.size-in-mib": (type) => [type.memoryMiB],
        hypervisor: (type) => [type.nitro ? "nitro" : "xen"],
      });
      const page = describedPage(found, input, { least: 5, most: 100 });
      return { InstanceTypes: page.items.map(answered), NextToken: page.next };
    },
  };
}

function answered(type: InstanceTypeFacts): InstanceTypeInfo {
  return {
    InstanceType: type.name as _InstanceType,
    CurrentGeneration: type.currentGeneration,
    BareMetal: false,
    BurstablePerformanceSupported: type.burstable,
    Hypervisor: type.nitro ? "nitro" : "xen",
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: { DefaultVCpus: type.vcpus },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    SupportedRootDeviceTypes: ["ebs"],
    SupportedUsageClasses: ["on-demand", "spot"],
    SupportedVirtualizationTypes: ["hvm"],
    GpuInfo:
      type.gpu === undefined
        ? undefined
        : {
            Gpus: [
              {
                Name: type.gpu.name,
                Manufacturer: "NVIDIA",
                Count: type.gpu.count,
                MemoryInfo: { SizeInMiB: type.gpu.memoryMiB },
              },
            ],
            TotalGpuMemoryInMiB: type.gpu.count * type.gpu.memoryMiB,
          },
  };
}
