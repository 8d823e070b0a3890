package io.meridian.core.internal;

import io.meridian.model.log.EventEnvelope;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The hashes of a log's newest events, so that duplicates and acknowledgements are judged without reading. Owned by one mesh's entity. */
final class RecentHashes {
    /** About 1 MiB per mesh at most. */
    static final int CAPACITY = 8192;

    private final Map<Long, Hash> bySeq = new LinkedHashMap<>();

    void add(EventEnvelope envelope) {
        add(envelope.head());
    }

    void add(Head head) {
        bySeq.put(head.position().seq(), head.hash());
        if (bySeq.size() > CAPACITY) {
            bySeq.remove(bySeq.keySet().iterator().next());
        }
    }

    Optional<Hash> at(long seq) {
        return Optional.ofNullable(bySeq.get(seq));
    }
}
