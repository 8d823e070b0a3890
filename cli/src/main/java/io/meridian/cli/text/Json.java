package io.meridian.cli.text;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trees as JSON text. Written by hand because a library's start-up would cost more than the whole command. */
public final class Json {
    private static final int NOT_INDENTED = -1;

    private final StringBuilder text = new StringBuilder();
    private final boolean pretty;

    private Json(boolean pretty) {
        this.pretty = pretty;
    }

    /** Indented by two, with a line feed at the end. */
    public static String pretty(@Nullable Object tree) {
        Json json = new Json(true);
        json.value(tree, 0);
        return json.text.append('\n').toString();
    }

    /** On one line, with a line feed at the end. */
    public static String line(@Nullable Object tree) {
        Json json = new Json(false);
        json.value(tree, NOT_INDENTED);
        return json.text.append('\n').toString();
    }

    private void value(@Nullable Object value, int depth) {
        switch (value) {
            case null -> text.append("null");
            case Map<?, ?> map -> object(map, depth);
            case List<?> list -> array(list, depth);
            case Boolean flag -> text.append(flag.booleanValue());
            case Double number when number.isNaN() || number.isInfinite() -> string(number.toString());
            case Number number -> text.append(number);
            default -> string(value.toString());
        }
    }

    private void object(Map<?, ?> map, int depth) {
        text.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            lineFeed(depth + 1);
            string(String.valueOf(entry.getKey()));
            text.append(pretty ? ": " : ":");
            value(entry.getValue(), depth + 1);
            text.append(entries.hasNext() ? "," : "");
        }
        if (!map.isEmpty()) {
            lineFeed(depth);
        }
        text.append('}');
    }

    private void array(List<?> list, int depth) {
        text.append('[');
        for (int i = 0; i < list.size(); i++) {
            text.append(i == 0 ? "" : ",");
            lineFeed(depth + 1);
            value(list.get(i), depth + 1);
        }
        if (!list.isEmpty()) {
            lineFeed(depth);
        }
        text.append(']');
    }

    private void lineFeed(int depth) {
        if (pretty) {
            text.append('\n').repeat("  ", depth);
        }
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}
