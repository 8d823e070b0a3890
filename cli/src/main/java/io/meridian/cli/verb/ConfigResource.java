package io.meridian.cli.verb;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.cli.text.ProtoTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One resource with its configuration as a tree of maps, lists, texts and numbers.
 *
 * @param served without its JSON
 */
record ConfigResource(ServedResource served, Map<String, @Nullable Object> config) {
    private static final class Parser {
        private static final ObjectMapper JSON = new ObjectMapper();
    }

    /** Puts the pieces together that a large resource comes in. */
    static List<ConfigResource> of(List<ServedResource> pieces) {
        List<ConfigResource> resources = new ArrayList<>();
        ByteString json = ByteString.EMPTY;
        for (ServedResource piece : pieces) {
            json = json.concat(piece.getJson());
            if (!piece.getContinued()) {
                resources.add(new ConfigResource(piece.toBuilder().clearJson().build(), parse(json)));
                json = ByteString.EMPTY;
            }
        }
        return resources;
    }

    @SuppressWarnings("unchecked") // Jackson's maps have texts for keys
    private static Map<String, @Nullable Object> parse(ByteString json) {
        if (json.isEmpty()) {
            return Map.of();
        }
        try {
            return Parser.JSON.readValue(json.toByteArray(), Map.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the server's JSON cannot be read", e);
        }
    }

    String type() {
        return served.getType();
    }

    String name() {
        return served.getName();
    }

    Map<String, @Nullable Object> tree() {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>(ProtoTree.of(served));
        tree.remove("json");
        tree.remove("continued");
        tree.put("config", config);
        return tree;
    }
}
