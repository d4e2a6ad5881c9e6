/**
 * The system call table: one place says what can be asked of a cloud;
 * everything that speaks or explains it is derived.
 */
export { TABLE, rowOf, type CallName } from './table.ts'
export { COMMON_ERRORS, FAMILIES, type Family, type Row } from './row.ts'
export type { ArgsOf, CallOptions, InputOf, ReplyOf, StreamName, Syscalls, UnaryName } from './calls.ts'
export { decode, decodeCall, encode, encodeCall, type Call } from './envelope.ts'
export { isSealedBy, seal, SIGNATURE_BYTES } from './signed.ts'
export { decodeItem, encodeItem } from './items.ts'
export { fromJson, toJson } from './json.ts'
export { checkArgs, checkInput, checkReply } from './check.ts'
export { isDownload, isUpload, openApi } from './openapi.ts'
export { callManual, errorManual, syscallManual } from './manual.ts'
export { publishedRows } from './published.ts'
export { growthFaults } from './growth.ts'
export type * from './schemas.ts'
export { capabilityChain, nodeRecord, OBJECT_STATES, objectInfo, objectSpec, SYSCALL_PROTOCOL } from './schemas.ts'
export type * from './query-schemas.ts'
export { COMPARISONS, nodeQuery, QUERY_LIMITS, RTT_COMPARISONS, sizeOfCondition, SPREADS } from './query-schemas.ts'
