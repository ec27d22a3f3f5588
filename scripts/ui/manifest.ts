// What a build of the UI is made of, as written to its manifest.json.

export interface UiFile {
  /** Bytes as they are. */
  readonly size: number;
  readonly gzip: number;
  /** Bytes of the file beside it, in brotli; 0: there is none, it would not help. */
  readonly brotli: number;
}

export interface UiManifest {
  /** Files by path below the folder. */
  readonly files: Readonly<Record<string, UiFile>>;
  /** What every page loads at once, by path. */
  readonly initial: readonly string[];
  /** What a page loads besides, by its name. */
  readonly pages: Readonly<Record<string, readonly string[]>>;
}
