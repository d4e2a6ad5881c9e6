// Runs a file of JavaScript: js FILE ARGS...
#include <quickjs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static JSValue print(JSContext *context, JSValueConst self, int count, JSValueConst *values) {
  for (int i = 0; i < count; i++) {
    const char *text = JS_ToCString(context, values[i]);
    if (text == NULL) return JS_EXCEPTION;
    fputs(text, stdout);
    JS_FreeCString(context, text);
  }
  fflush(stdout);
  return JS_UNDEFINED;
}

static char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "r");
  if (file == NULL) return NULL;
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  char *text = malloc(*size + 1);
  text[fread(text, 1, *size, file)] = 0;
  fclose(file);
  return text;
}

int main(int argc, char **argv) {
  size_t size;
  char *text = argc > 1 ? read_file(argv[1], &size) : NULL;
  if (text == NULL) return perror(argc > 1 ? argv[1] : "js FILE"), 2;
  JSRuntime *runtime = JS_NewRuntime();
  JSContext *context = JS_NewContext(runtime);
  JSValue global = JS_GetGlobalObject(context);
  JS_SetPropertyStr(context, global, "print", JS_NewCFunction(context, print, "print", 1));
  JSValue args = JS_NewArray(context);
  for (int i = 2; i < argc; i++) JS_SetPropertyUint32(context, args, i - 2, JS_NewString(context, argv[i]));
  JS_SetPropertyStr(context, global, "args", args);
  JSValue result = JS_Eval(context, text, size, argv[1], JS_EVAL_TYPE_GLOBAL);
  if (!JS_IsException(result)) return 0;
  JSValue exception = JS_GetException(context);
  fprintf(stderr, "%s\n", JS_ToCString(context, exception));
  return 1;
}
