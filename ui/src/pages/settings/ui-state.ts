// What GET /api/ui/state tells, as far as the settings show it.

export interface UiState {
  readonly version: string;
  readonly mode: string;
  readonly has_login: boolean;
  readonly logging: boolean;
  readonly config_path: string | null;
  readonly config_locked: boolean;
  readonly env_label: string | null;
  readonly virtual_keys: number;
  readonly configured_providers: number;
  readonly warnings: number;
  readonly warning_texts: readonly string[];
  readonly started_at: string;
  readonly server_time: string;
  /** `Node.js 26.10.0 on linux x64` */
  readonly runtime?: string;
  readonly licence?: string;
}
