// Names that the shared types of the gateway mention and a browser does not have, and what the build resolves.

declare module "*.css";

/** Only named by types of the other side; nothing here makes one. */
type Buffer = Uint8Array;

/** True in builds of `npm run ui:dev`: the build replaces it. */
declare const DEVELOPMENT: boolean;
