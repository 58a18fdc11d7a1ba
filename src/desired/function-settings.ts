/** What our functions must know. It travels inside their zips, as a file beside the code (decision 26). */
export const SETTINGS_FILE = "settings.json";

export interface EnqueueSettings {
  readonly queueUrl: string;
  /** Name of the cluster's scaler. */
  readonly scaler: string;
}

export interface ScaleSettings {
  readonly cluster: string;
  readonly controlBucket: string;
  /** Value of our owner tag. */
  readonly owner: string;
}
