/** Blobs keeps immutable bytes under their SHA-256, and brings them from whichever node has them. */
export { createBlobs, type BlobPorts } from './blobs.ts'
export { serveBlobs } from './calls.ts'
