/** The worker's settings, the task's region and the way to the task's credentials are no business of the algorithm. */
const OURS = /^(PIPEWRIGHT|AWS|ECS)_/;

const DEFAULTS = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  HOME: "/",
  // Programs that go by the locale would otherwise not find files with names beyond ASCII.
  LANG: "C.UTF-8",
};

/**
 * What the image sets (`JAVA_HOME`, `PYTHONPATH`: an unmodified image may not run without) and what the workflow sets,
 * nothing of ours.
 * @param scratch the folder for temporary files where neither names one
 */
export function algorithmEnvironment(
  own: Readonly<Record<string, string | undefined>>,
  variables: Readonly<Record<string, string>>,
  scratch: string | undefined,
): Record<string, string> {
  const ofImage = Object.entries(own).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !OURS.test(entry[0]),
  );
  const temporary: Record<string, string> = scratch === undefined ? {} : { TMPDIR: scratch };
  return { ...DEFAULTS, ...temporary, ...Object.fromEntries(ofImage), ...variables };
}
