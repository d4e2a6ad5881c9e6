import loadWabt from 'wabt'

const wabt = await loadWabt()

/** The module that this text is of. */
export function wat (text: string): Uint8Array {
  const features = { simd: true, multi_value: true, bulk_memory: true, reference_types: true, tail_call: true }
  const module = wabt.parseWat('test.wat', text, { ...features, exceptions: true, threads: true })
  try {
    return module.toBinary({}).buffer
  } finally {
    module.destroy()
  }
}
