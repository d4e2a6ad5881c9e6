// Vectors of four floats and of sixteen bytes, also as parameters and results of recursive functions.
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(name)))

static float items[4096];

static __attribute__((noinline)) v128_t halves(v128_t sum, unsigned from, unsigned until) {
  if (until - from == 4) return wasm_f32x4_add(sum, wasm_v128_load(items + from));
  unsigned middle = (from + until) / 2;
  v128_t left = halves(sum, from, middle);
  return wasm_f32x4_add(wasm_f32x4_mul(left, wasm_f32x4_splat(0.5f)), halves(left, middle, until));
}

EXPORT("halves") float sum_of_halves(unsigned n) {
  for (unsigned i = 0; i < 4096; i++) items[i] = i % 31 * 0.25f;
  v128_t sum = halves(wasm_f32x4_splat(1), 0, n);
  return wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 3);
}

EXPORT("bytes") unsigned bytes(unsigned n) {
  v128_t state = wasm_i8x16_const(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), sum = state;
  for (unsigned i = 0; i < n; i++) {
    state = wasm_i8x16_add(wasm_i8x16_shuffle(state, sum, 3, 18, 7, 1, 0, 30, 9, 12, 5, 14, 2, 21, 8, 11, 4, 16), sum);
    sum = wasm_u8x16_avgr(wasm_v128_xor(sum, state), wasm_i8x16_splat(i));
  }
  return wasm_i32x4_extract_lane(sum, 0) ^ wasm_i32x4_extract_lane(sum, 2);
}
