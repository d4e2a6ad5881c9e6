const bytes = (value: Buffer): Buffer => value

/** A unary call of bytes; gRPC is spared the work of encoding them. */
export const ASK = {
  path: '/bench.Calls/Ask',
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes
} as const
