/** The report in the control bucket: read at the start of a run, written at its end where anything changed. */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { EMPTY_REPORT, readScalerReport, type ScalerReport, writeScalerReport } from "../src/desired/scaler-report.ts";
import { isAbsent } from "./lease.ts";

export interface ReportStore {
  load(): Promise<ScalerReport>;
  save(report: ScalerReport): Promise<void>;
}

export function reportStore(s3: Pick<S3Client, "send">, bucket: string, key: string): ReportStore {
  let standing = "";
  return {
    async load() {
      standing = await textOf(s3, bucket, key);
      if (standing === "") return EMPTY_REPORT;
      try {
        return readScalerReport(standing);
      } catch (error) {
        // Of another version, or damaged: AWS itself tells all that matters.
        console.warn(JSON.stringify({ message: "report not readable", error: String(error) }));
        return EMPTY_REPORT;
      }
    },
    async save(report) {
      const text = writeScalerReport(report);
      if (text === standing || (standing === "" && text === writeScalerReport(EMPTY_REPORT))) return;
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: "application/json" }));
    },
  };
}

async function textOf(s3: Pick<S3Client, "send">, bucket: string, key: string): Promise<string> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? "";
  } catch (error) {
    if (isAbsent(error)) return "";
    throw error;
  }
}
