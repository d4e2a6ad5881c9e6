const SIZE = 512
const MEGA_WORDS = 2 ** 18
const PAGE_BYTES = 4096
/** The BIOS's own clock wakes the processor so often. */
const TICKS_PER_SECOND = 18.2
const DIRTY_RATIO = 0.01

const WORDS_AT = 0x29
const PAGES_AT = 0x5f

/** In real mode but for the limit of ES, which is that of 32 bits. Assembled from what stands beside it. */
const CODE = [
  'fa',                         //       cli
  '31c0 8ed8 8ed0 bc007c',      //       ax, ds, ss := 0; sp := 0x7c00
  '0f01168c7c',                 //       lgdtw gdt pointer
  '0f20c0 0c01 0f22c0',         //       cr0 |= 1
  'bb0800 8ec3',                //       es := 8
  '24fe 0f22c0',                //       cr0 &= ~1
  '66bf00001000',               //       edi := 1 MiB
  '66b900000000',               //       ecx := words
  '66b801000000',               //       eax := 1
  '6669c00d661900',             // fill: eax *= 1664525
  '66055ff36e3c',               //       eax += 1013904223
  '2667668907 6683c704',        //       es:[edi] := eax; edi += 4
  '6649 75e6',                  //       dec ecx; jnz fill
  '6689fd',                     //       ebp := edi
  'baf803 b052 ee',             //       out 0x3f8, 'R'
  '66bf00001000',               //       edi := 1 MiB
  'fb f4',                      // wait: sti; hlt
  'b90000',                     //       cx := pages
  '266766ff07',                 // touch: es:[edi]++
  '6681c700100000',             //       edi += 4096
  '6639ef 7206',                //       cmp edi, ebp; jb next
  '66bf00001000',               //       edi := 1 MiB
  'e2e7 ebe0',                  // next: loop touch; jmp wait
  '0000000000000000',           // gdt:  nothing
  'ffff00000092cf00',           //       data, 4 GiB
  '0f00 7c7c0000'               //       its pointer
].join('').replaceAll(' ', '')

/**
 * A system for a PC of so much memory: fills that with what cannot be guessed, writes an R to its first serial line,
 * and from then on writes to a hundredth of it in a second.
 */
export function bootSector (megabytes: number): Uint8Array {
  const sector = Buffer.alloc(SIZE)
  sector.write(CODE, 'hex')
  // What the BIOS has at the end of the memory stays.
  const words = (megabytes - 2) * MEGA_WORDS
  sector.writeUInt32LE(words, WORDS_AT)
  sector.writeUInt16LE(Math.max(1, Math.round(words * 4 / PAGE_BYTES * DIRTY_RATIO / TICKS_PER_SECOND)), PAGES_AT)
  sector.writeUInt16LE(0xaa55, SIZE - 2)
  return sector
}
