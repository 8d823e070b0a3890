package io.meridian.gateway.internal.rollout;

import io.meridian.compiler.Proxy;
import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.registry.Refusal;
import io.meridian.model.position.Position;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.PSortedMap;

/** A version of a resource that only canaries are given: it is tried, or its roll-out was halted. Not thread-safe. */
final class Hold {
    final Content content;
    /** The position from which its bytes first came. */
    final Position compiledFrom;
    /** What some proxy was served before: where others find the version before, and what that refers to, which do not know themselves. */
    final Map<XdsType, PSortedMap<String, XdsResource>> before;
    /** The last position without it; null if there was none. */
    final @Nullable Position positionBefore;
    /** When the first version that is held back of this resource came. */
    final long sinceNanos;

    private final Map<String, Vote> votes = new HashMap<>();
    private @Nullable Proxy refuser;
    private @Nullable Refusal refusal;
    private @Nullable Halt halt;
    private boolean wanted = true;
    private long wantedNanos;

    private enum Vote {
        SENT,
        ACKNOWLEDGED,
        REFUSED
    }

    Hold(
            Content content,
            Position compiledFrom,
            Map<XdsType, PSortedMap<String, XdsResource>> before,
            @Nullable Position positionBefore,
            long sinceNanos,
            long nowNanos) {
        this.content = content;
        this.compiledFrom = compiledFrom;
        this.before = before;
        this.positionBefore = positionBefore;
        this.sinceNanos = sinceNanos;
        wantedNanos = nowNanos;
    }

    void sent(String node) {
        votes.putIfAbsent(node, Vote.SENT);
    }

    void acknowledged(String node) {
        votes.put(node, Vote.ACKNOWLEDGED);
    }

    void refused(Proxy by, Refusal how) {
        votes.put(by.id(), Vote.REFUSED);
        if (refusal == null) {
            refuser = by;
            refusal = how;
        }
    }

    /** All that were sent it, as far as is known. */
    int canaries() {
        return votes.size();
    }

    int refusals() {
        return (int) votes.values().stream().filter(Vote.REFUSED::equals).count();
    }

    @Nullable
    Proxy refuser() {
        return refuser;
    }

    /** The first refusal, as if of this resource alone; null if nobody has refused it. */
    @Nullable
    Refusal refusal() {
        Refusal first = refusal;
        return first == null
                ? null
                : new Refusal(
                        first.position(),
                        first.version(),
                        first.message(),
                        List.of(new Refusal.Resource(content.name(), content.version(), compiledFrom)),
                        0,
                        first.at(),
                        null);
    }

    /** Null while it is tried. */
    @Nullable
    Halt halt() {
        return halt;
    }

    void halt(Refusal explained) {
        halt(new Halt(content.type(), content.name(), content.version(), canaries(), refusals(), explained));
    }

    void halt(Halt known) {
        halt = known;
    }

    /** Some connected proxy is to hold it, now. */
    void wanted(long nowNanos) {
        wanted = true;
        wantedNanos = nowNanos;
    }

    void unwanted() {
        wanted = false;
    }

    boolean isWanted() {
        return wanted;
    }

    /** When it was last known that some proxy is to hold it. */
    long wantedNanos() {
        return wantedNanos;
    }

    boolean isIn(Map<XdsType, PSortedMap<String, XdsResource>> resources) {
        PSortedMap<String, XdsResource> ofType = resources.get(content.type());
        XdsResource resource = ofType == null ? null : ofType.get(content.name());
        return resource != null && resource.version().equals(content.version());
    }
}
