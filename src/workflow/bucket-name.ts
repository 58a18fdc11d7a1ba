/** The naming rules of general purpose buckets, from the S3 User Guide ("General purpose bucket naming rules"). */
const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

/** What S3 would say against a bucket name, and what to write instead; undefined for a good one. */
export function bucketNameProblem(name: string): string | undefined {
  if (name.length < 3) return `has ${name.length} characters; a bucket name has at least 3`;
  if (name.length > 63) return `has ${name.length} characters; a bucket name has at most 63`;
  const odd = /[^a-z0-9.-]/u.exec(name);
  if (odd) {
    const instead = name
      .toLowerCase()
      .replace(/[^a-z0-9.-]+/g, "-")
      .replace(/^[.-]+|[.-]+$/g, "");
    const hint = bucketNameProblem(instead) === undefined ? `; write ${JSON.stringify(instead)}` : "";
    return `holds ${JSON.stringify(odd[0])}; a bucket name has lower-case letters, digits, dots and hyphens only${hint}`;
  }
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return "must begin and end with a letter or a digit";
  if (name.includes("..")) return "has two dots side by side; leave one out";
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "looks like an IP address; add a letter";
  const prefix = RESERVED_PREFIXES.find((reserved) => name.startsWith(reserved));
  if (prefix) return `begins with ${JSON.stringify(prefix)}, which S3 reserves; begin with another word`;
  const suffix = RESERVED_SUFFIXES.find((reserved) => name.endsWith(reserved));
  if (suffix) return `ends in ${JSON.stringify(suffix)}, which S3 reserves; end with another word`;
  return undefined;
}
