package io.meridian.gateway.config;

import com.google.protobuf.ByteString;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.api.type.v1.ServedResource;
import io.meridian.compiler.XdsResource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/** Parts a configuration into pieces that fit a message each, made one at a time. Not thread-safe. */
public final class ConfigParts implements Iterator<List<ServedResource>> {
    /** Bytes of JSON in one part, about; below the 4 MiB that gRPC takes by default. */
    static final int PART_BYTES = 1 << 20;

    private final Iterator<Served> resources;
    private final Deque<ServedResource> pieces = new ArrayDeque<>();

    /** A resource and how the client stands to it. */
    public record Served(XdsResource resource, ProxyStatus.State state) {}

    private ConfigParts(List<Served> resources) {
        this.resources = resources.iterator();
    }

    /** In the order given. */
    public static Iterator<List<ServedResource>> of(List<Served> resources) {
        return new ConfigParts(List.copyOf(resources));
    }

    @Override
    public boolean hasNext() {
        return !pieces.isEmpty() || resources.hasNext();
    }

    @Override
    public List<ServedResource> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        List<ServedResource> part = new ArrayList<>();
        int bytes = 0;
        while (hasNext() && bytes < PART_BYTES) {
            if (pieces.isEmpty()) {
                cut(resources.next());
            }
            ServedResource piece = pieces.remove();
            bytes += piece.getSerializedSize();
            part.add(piece);
        }
        return part;
    }

    private void cut(Served served) {
        XdsResource resource = served.resource();
        ByteString json = ByteString.copyFromUtf8(ConfigJson.of(resource.any()));
        int from = 0;
        do {
            int to = Math.min(json.size(), from + PART_BYTES);
            pieces.add(ServedResource.newBuilder()
                    .setType(resource.type().shortName())
                    .setName(resource.name())
                    .setVersion(resource.version())
                    .setCompiledFrom(resource.compiledFrom().toProto())
                    .setState(served.state())
                    .setSizeBytes(resource.any().size())
                    .setJson(json.substring(from, to))
                    .setContinued(to < json.size())
                    .build());
            from = to;
        } while (from < json.size());
    }
}
