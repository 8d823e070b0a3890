package io.meridian.model.resource;

import com.google.protobuf.ByteString;
import java.time.Instant;
import java.util.Map;

/**
 * An Istio object as stored. Immutable.
 *
 * @param apiVersion as applied, "networking.istio.io/v1"
 * @param spec canonical JSON of {@code spec}: UTF-8, no insignificant space, members sorted by name
 * @param uid new for every life of the key
 * @param generation counts the changes of spec, from 1
 * @param modifiedSeq the seq of the event that last changed it; its Kubernetes resourceVersion
 */
public record Resource(
        ResourceKey key,
        String apiVersion,
        Map<String, String> labels,
        Map<String, String> annotations,
        ByteString spec,
        String uid,
        Instant created,
        long generation,
        long modifiedSeq) {
    public Resource {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
    }
}
