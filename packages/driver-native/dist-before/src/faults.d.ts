/** The machine's error code (`ENOENT`), where `error` has one. */
export declare function systemCode(error: unknown): string | undefined;
/** A fault of the machine as an error of this house; `what` says what failed. A bug stays what it is. */
export declare function asCloudError(error: unknown, what: string): unknown;
