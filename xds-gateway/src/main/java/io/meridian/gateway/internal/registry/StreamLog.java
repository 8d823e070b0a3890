package io.meridian.gateway.internal.registry;

import io.meridian.compiler.XdsResource;
import io.meridian.compiler.XdsType;
import io.meridian.gateway.internal.protocol.Outgoing;
import io.meridian.gateway.internal.rollout.Halt;
import io.meridian.model.position.Position;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what one stream is sent and how its client answers, for people to look at. Confined to the stream's thread, but for what {@link
 * SentResponses} shows to all. Keeps the last response of a type only until it is answered, and of a refusal what is bounded here.
 */
public final class StreamLog {
    /** Of one refused response, so many are told by name. */
    static final int MOST_RESOURCES = 32;
    /** Characters of a refusal's text, which may quote the whole resource. */
    static final int MOST_TEXT = 4096;

    private static final Pattern BETWEEN_WORDS = Pattern.compile("[\\s,;'\"()\\[\\]]+");
    private static final Pattern TRAILING = Pattern.compile("[:.]+$");

    private final InstantSource clock;
    private final SentResponses sent;
    private final SentMemo memo;
    private final Map<XdsType, Outgoing> unanswered = new EnumMap<>(XdsType.class);
    private final Map<XdsType, Refusal> refusals = new EnumMap<>(XdsType.class);
    private int refused;
    private long unreadBytes;
    private long unreadSinceNanos;
    private List<Halt> halts = List.of();
    /** Whether its conduct is another than the last {@link #facts} said. */
    private boolean conductChanged;

    /** {@code sent}: where it writes down what was sent. {@code memo}: of the streams that share its thread. */
    public StreamLog(InstantSource clock, SentResponses sent, SentMemo memo) {
        this.clock = clock;
        this.sent = sent;
        this.memo = memo;
    }

    /** {@code position}: of the view that the response is of. */
    public void sent(Outgoing response, @Nullable Position position) {
        XdsType type = response.type();
        if (type == null) {
            return;
        }
        sent.note(type, memo.of(response, position));
        unanswered.put(type, response);
    }

    public void acknowledged(XdsType type) {
        unanswered.remove(type);
        conductChanged |= refusals.remove(type) != null;
    }

    /** The last response of the type was refused; its refusal, with the resources that it was about. */
    public Refusal refused(XdsType type, String message) {
        Outgoing response = unanswered.remove(type);
        SentResponses.Sent last = sent.of(type);
        List<Refusal.Resource> told = response == null ? List.of() : resources(response, message);
        Refusal refusal = new Refusal(
                last == null ? null : last.position(),
                last == null ? "" : last.version(),
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

    /** The last response of the type, if it is not answered; null otherwise. */
    public @Nullable Outgoing unanswered(XdsType type) {
        return unanswered.get(type);
    }

    /** Whether more changed since the last {@link #facts} than what was sent and acknowledged. */
    public boolean conductChanged() {
        return conductChanged;
    }

    public StreamFacts facts() {
        conductChanged = false;
        long oldest = 0;
        for (XdsType type : unanswered.keySet()) {
            SentResponses.Sent last = sent.of(type);
            if (last != null && (oldest == 0 || last.atMs() < oldest)) {
                oldest = last.atMs();
            }
        }
        return new StreamFacts(refusals, refused, unreadBytes, unreadSinceNanos, oldest, halts);
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
