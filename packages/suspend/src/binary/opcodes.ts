import { F32, F64, I32, I64, V128 } from './types.ts'

export const UNREACHABLE = 0x00
export const BLOCK = 0x02
export const LOOP = 0x03
export const IF = 0x04
export const ELSE = 0x05
export const END = 0x0b
export const BR = 0x0c
export const BR_IF = 0x0d
export const BR_TABLE = 0x0e
export const RETURN = 0x0f
export const CALL = 0x10
export const CALL_INDIRECT = 0x11
export const DROP = 0x1a
export const SELECT = 0x1b
export const SELECT_TYPED = 0x1c
export const LOCAL_GET = 0x20
export const LOCAL_SET = 0x21
export const LOCAL_TEE = 0x22
export const GLOBAL_GET = 0x23
export const GLOBAL_SET = 0x24
export const TABLE_GET = 0x25
export const TABLE_SET = 0x26
export const I32_CONST = 0x41
export const I64_CONST = 0x42
export const F32_CONST = 0x43
export const F64_CONST = 0x44
export const I32_LT_S = 0x48
export const I32_LE_U = 0x4d
export const I32_SUB = 0x6b
export const I32_WRAP = 0xa7
export const I64_EXTEND_U = 0xad
export const I64_SHL = 0x86
export const I64_SHR_U = 0x88
export const I64_OR = 0x84
export const I32_REINTERPRET = 0xbc
export const I64_REINTERPRET = 0xbd
export const F32_REINTERPRET = 0xbe
export const F64_REINTERPRET = 0xbf
export const REF_NULL = 0xd0
export const REF_IS_NULL = 0xd1
export const REF_FUNC = 0xd2

/** What has two bytes is numbered by both: the prefix, and what follows it. */
export const BULK = 0xfc00
export const VECTOR = 0xfd00
export const DATA_DROP = BULK + 9
export const TABLE_INIT = BULK + 12
export const ELEM_DROP = BULK + 13
export const TABLE_COPY = BULK + 14
export const TABLE_GROW = BULK + 15
export const TABLE_FILL = BULK + 17

/** Kinds of what follows an opcode. */
export const PLAIN = 1
/** One number of any width. */
export const NUMBER = 2
export const TWO_NUMBERS = 3
export const FOUR_BYTES = 4
export const EIGHT_BYTES = 5
export const SIXTEEN_BYTES = 6
export const ONE_BYTE = 7
export const ADDRESS_AND_BYTE = 8
/** Has a meaning for the transform, which reads what follows itself. */
export const SPECIAL = 9

/** By opcode: what follows it; 0: it is not known here. */
export const IMMEDIATES = new Uint8Array(0x10000)
/** By opcode: how many values it takes; what it gives, a type or 0 for nothing. */
export const POPS = new Uint8Array(0x10000)
export const GIVES = new Uint8Array(0x10000)

const TYPES: Readonly<Record<string, number>> = { i: I32, l: I64, f: F32, d: F64, v: V128 }

/** Ranges of opcodes, in hexadecimal, and what each takes and gives: i32, l is i64, f32, d is f64, v128. */
function define (base: number, immediates: number, table: string): void {
  for (const row of table.trim().split(/\s+/)) {
    const [range = '', signature = ''] = row.split('=')
    const [first = '', last = first] = range.split('-')
    const [takes = '', gives = ''] = signature.split('>')
    for (let code = Number.parseInt(first, 16); code <= Number.parseInt(last, 16); code++) {
      IMMEDIATES[base + code] = immediates
      POPS[base + code] = takes.length
      GIVES[base + code] = TYPES[gives] ?? 0
    }
  }
}

define(0, PLAIN, `
  01=>
  45=i>i 46-4f=ii>i 50=l>i 51-5a=ll>i 5b-60=ff>i 61-66=dd>i 67-69=i>i 6a-78=ii>i 79-7b=l>l 7c-8a=ll>l
  8b-91=f>f 92-98=ff>f 99-9f=d>d a0-a6=dd>d a7=l>i a8-a9=f>i aa-ab=d>i ac-ad=i>l ae-af=f>l b0-b1=d>l
  b2-b3=i>f b4-b5=l>f b6=d>f b7-b8=i>d b9-ba=l>d bb=f>d bc=f>i bd=d>l be=i>f bf=l>d c0-c1=i>i c2-c4=l>l`)
define(0, TWO_NUMBERS, `
  28=i>i 29=i>l 2a=i>f 2b=i>d 2c-2f=i>i 30-35=i>l 36=ii> 37=il> 38=if> 39=id> 3a-3b=ii> 3c-3e=il>`)
define(0, NUMBER, '3f=>i 40=i>i 41=>i 42=>l')
define(0, FOUR_BYTES, '43=>f')
define(0, EIGHT_BYTES, '44=>d')
define(BULK, PLAIN, '00-01=f>i 02-03=d>i 04-05=f>l 06-07=d>l')
define(BULK, TWO_NUMBERS, '08=iii> 0a=iii> 0c=iii> 0e=iii>')
define(BULK, NUMBER, '09=> 0b=iii> 0d=> 0f=ii>i 10=>i 11=iii>')
define(VECTOR, TWO_NUMBERS, '00-0a=i>v 0b=iv> 5c-5d=i>v')
define(VECTOR, SIXTEEN_BYTES, '0c=>v 0d=vv>v')
define(VECTOR, ONE_BYTE, `
  15-16=v>i 17=vi>v 18-19=v>i 1a=vi>v 1b=v>i 1c=vi>v 1d=v>l 1e=vl>v 1f=v>f 20=vf>v 21=v>d 22=vd>v`)
define(VECTOR, ADDRESS_AND_BYTE, '54-57=iv>v 58-5b=iv>')
define(VECTOR, PLAIN, `
  0e=vv>v 0f-11=i>v 12=l>v 13=f>v 14=d>v 23-4c=vv>v 4d=v>v 4e-51=vv>v 52=vvv>v 53=v>i 5e-5f=v>v
  60-62=v>v 63-64=v>i 65-66=vv>v 67-6a=v>v 6b-6d=vi>v 6e-73=vv>v 74-75=v>v 76-79=vv>v 7a=v>v 7b=vv>v 7c-7f=v>v
  80-81=v>v 82=vv>v 83-84=v>i 85-86=vv>v 87-8a=v>v 8b-8d=vi>v 8e-93=vv>v 94=v>v 95-99=vv>v 9b-9f=vv>v
  a0-a1=v>v a3-a4=v>i a7-aa=v>v ab-ad=vi>v ae=vv>v b1=vv>v b5-ba=vv>v bc-bf=vv>v
  c0-c1=v>v c3-c4=v>i c7-ca=v>v cb-cd=vi>v ce=vv>v d1=vv>v d5-df=vv>v
  e0-e1=v>v e3=v>v e4-eb=vv>v ec-ed=v>v ef=v>v f0-f7=vv>v f8-ff=v>v`)
define(0, SPECIAL, `
  00=> 02-05=> 0b-11=> 1a=v> 1b=vvv> 1c=> 20-22=> 23-24=> 25=i> 26=iv> d0=> d1=v>i d2=>`)
