// Which price sheet of LiteLLM the catalogue is made from, and where the part of it that is kept lies.

/** Pinned: a new version is a change that somebody looks at. */
export const LITELLM = {
  version: "1.109.1",
  platform: "manylinux_2_28_x86_64",
  wheelSha256: "1c8b4dd671fa0cd0850aa751678704ff77e595fb1e6085b2dc3be39ee19bdaaf",
  file: "litellm/model_prices_and_context_window_backup.json",
  sheetSha256: "8f8060d8ce7a40c91b995c74d6a27657543d49e3c1c53430dabd556f244392c6",
} as const;

/** Not shipped: the build reads it, so that it and its test need no network. */
export const EXTRACT = new URL("litellm.generated.json", import.meta.url);
