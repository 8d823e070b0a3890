package io.meridian.gateway.internal.registry;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.protocol.Unanswered;
import io.meridian.gateway.internal.rollout.Halt;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Writes down what is out of the ordinary with one stream, for people to look at: refusals, of each what is bounded here, what its client
 * does not read, and what it is kept from. Confined to the stream's thread.
 */
public final class StreamLog {
    /** Of one refused response, so many are told by name. */
    static final int MOST_RESOURCES = 32;
    /** Characters of a refusal's text, which may quote the whole resource. */
    static final int MOST_TEXT = 4096;

    private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s,;'\"()\\[\\]]+");
    private static final Pattern TRAILING = Pattern.compile("[:.]+$");

    private final InstantSource clock;
    private final Map<XdsType, Refusal> refusals = new EnumMap<>(XdsType.class);
    private int refused;
    private long unreadBytes;
    private long unreadSinceNanos;
    private List<Halt> halts = List.of();
    /** Whether its conduct is another than the last {@link #facts} said. */
    private boolean conductChanged;

    public StreamLog(InstantSource clock) {
        this.clock = clock;
    }

    public void acknowledged(XdsType type) {
        conductChanged |= refusals.remove(type) != null;
    }

    /** The response was refused; its refusal, with the resources that it was about. */
    public Refusal refused(XdsType type, Unanswered of, String message) {
        Outgoing response = of.response();
        List<Refusal.Resource> told = resources(response, message);
        Refusal refusal = new Refusal(
                of.position(),
                response.version(),
                shortened(message),
                told.subList(0, Math.min(told.size(), MOST_RESOURCES)),
                Math.max(0, told.size() - MOST_RESOURCES),
                clock.instant(),
                null);
        refusals.put(type, refusal);
        refused++;
        conductChanged = true;
        return refusal;
    }

    /** What {@code refusal} was found to come from; of no interest if another refusal took its place. */
    public void explained(XdsType type, Refusal refusal, Refusal.Causes causes) {
        if (refusal.equals(refusals.get(type))) {
            refusals.put(type, refusal.withCauses(causes));
            conductChanged = true;
        }
    }

    /** {@code sinceNanos}: 0 if the transport has taken everything, or is given a moment more to. */
    public void unread(long bytes, long sinceNanos) {
        long counted = sinceNanos == 0 ? 0 : bytes;
        conductChanged |= counted != unreadBytes || sinceNanos != unreadSinceNanos;
        unreadBytes = counted;
        unreadSinceNanos = sinceNanos;
    }

    /** The proxy is kept on the versions before these. */
    public void held(List<Halt> now) {
        conductChanged |= !now.equals(halts);
        halts = now;
    }

    /** Whether more changed since the last {@link #facts} than what was sent and acknowledged. */
    public boolean conductChanged() {
        return conductChanged;
    }

    /** Whether there is a refusal that was not followed by an acknowledgement. */
    public boolean refuses() {
        return !refusals.isEmpty();
    }

    /** {@code unacknowledgedSinceMs}: as {@link StreamFacts#unacknowledgedSinceMs}. */
    public StreamFacts facts(long unacknowledgedSinceMs) {
        conductChanged = false;
        return new StreamFacts(refusals, refused, unreadBytes, unreadSinceNanos, unacknowledgedSinceMs, halts);
    }

    /** Envoy's text names the resources that failed: "Error adding/updating cluster(s) outbound|80||x: ...". */
    private static List<Refusal.Resource> resources(Outgoing response, String message) {
        List<Refusal.Resource> all = new ArrayList<>();
        for (XdsResource resource : response.resources()) {
            all.add(new Refusal.Resource(resource.name(), resource.version(), resource.compiledFrom()));
        }
        response.removed().forEach(name -> all.add(new Refusal.Resource(name, "", null)));
        Set<String> blamed = blamed(response, message);
        return all.stream().filter(each -> blamed.contains(each.name())).toList();
    }

    /** Of the response's names those that the text has, or else all. */
    public static Set<String> blamed(Outgoing response, String message) {
        Set<String> all = new HashSet<>(response.removed());
        response.resources().forEach(resource -> all.add(resource.name()));
        Set<String> words = words(message);
        words.retainAll(all);
        return words.isEmpty() ? all : words;
    }

    private static Set<String> words(String message) {
        Set<String> words = new HashSet<>();
        String looked = message.length() <= MOST_TEXT ? message : message.substring(0, MOST_TEXT);
        for (String word : BETWEEN_WORDS.split(looked, -1)) {
            words.add(word);
            words.add(TRAILING.matcher(word).replaceFirst(""));
        }
        return words;
    }

    static String shortened(String text) {
        return text.length() <= MOST_TEXT ? text : text.substring(0, MOST_TEXT) + "...";
    }
}
