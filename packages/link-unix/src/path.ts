import { CloudError } from '@welkin/interface'

/** sun_path holds 108 bytes on Linux and 104 elsewhere, one of them the closing zero. */
const PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103

/** Throws EINVAL for a path that the system would cut short or refuse without saying why. */
export function checkPath (path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes > 0 && bytes <= PATH_BYTES_MAX && !path.includes('\0')) return
  const message = `A socket's path has 1 to ${PATH_BYTES_MAX} bytes and this has ${bytes}; choose another directory.`
  throw new CloudError('EINVAL', message, { fields: { path, bytes, bytesMax: PATH_BYTES_MAX } })
}
