package io.meridian.gateway.internal.feed;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.Envelope;
import io.meridian.api.feed.v1.FeedMessage;
import io.meridian.api.type.v1.InventoryKey;
import io.meridian.model.image.ImageDelta;
import io.meridian.model.image.MeshImage;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.mesh.SnapshotCodec;
import io.meridian.model.mesh.UnreadableEventException;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The image that feed messages fold to. Confined to one thread; serves the live feed and the local copy alike. */
final class MeshFold {
    private final MeshId mesh;
    private MeshImage image;

    MeshFold(MeshId mesh) {
        this.mesh = mesh;
        image = MeshImage.empty(mesh);
    }

    MeshImage image() {
        return image;
    }

    /** What a message did: {@code unreadable} is the event that ended it early, if one did; what precedes that is folded. */
    record Taken(ImageDelta delta, @Nullable UnreadableEventException unreadable) {}

    /** Takes the next message; a broken one changes nothing. */
    Taken take(FeedMessage message) throws BrokenFeedException {
        return switch (message.getMessageCase()) {
            case SNAPSHOT -> whole(snapshot(message));
            case EVENTS -> events(message.getEvents().getEnvelopesList());
            case INVENTORY ->
                whole(step(image.withInventory(
                        message.getInventory().getCluster(),
                        message.getInventory().getFull(),
                        message.getInventory().getRecordsList())));
            case PROGRESS, MESSAGE_NOT_SET -> whole(ImageDelta.NONE);
        };
    }

    private static Taken whole(ImageDelta delta) {
        return new Taken(delta, null);
    }

    private ImageDelta snapshot(FeedMessage message) throws BrokenFeedException {
        MeshState state;
        try {
            state = SnapshotCodec.toState(message.getSnapshot());
        } catch (IllegalArgumentException e) {
            throw new BrokenFeedException("malformed snapshot: " + e.getMessage(), e);
        }
        if (!state.id().equals(mesh)) {
            throw new BrokenFeedException("a snapshot of mesh " + state.id() + " came in the feed of " + mesh);
        }
        return step(image.replaceState(state));
    }

    private Taken events(List<Envelope> envelopes) throws BrokenFeedException {
        MeshImage next = image;
        List<ImageDelta> deltas = new ArrayList<>();
        try {
            for (Envelope proto : envelopes) {
                EventEnvelope envelope = EventEnvelope.of(proto);
                if (!envelope.computeHash().equals(envelope.hash())) {
                    throw new BrokenFeedException("event " + envelope.position() + " does not have the hash it claims");
                }
                MeshImage.Step step = next.fold(envelope);
                next = step.image();
                deltas.add(step.delta());
            }
        } catch (UnreadableEventException e) {
            image = next;
            return new Taken(together(deltas), e);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new BrokenFeedException("event does not continue what is held: " + e.getMessage(), e);
        }
        image = next;
        return whole(together(deltas));
    }

    /** By halves, so that a large batch is not copied once per event. */
    private static ImageDelta together(List<ImageDelta> deltas) {
        return switch (deltas.size()) {
            case 0 -> ImageDelta.NONE;
            case 1 -> deltas.getFirst();
            default -> {
                int half = deltas.size() / 2;
                yield together(deltas.subList(0, half)).and(together(deltas.subList(half, deltas.size())));
            }
        };
    }

    private ImageDelta step(MeshImage.Step step) {
        image = step.image();
        return step.delta();
    }

    /** How {@code image} differs from the empty one. */
    static ImageDelta everything(MeshImage image) {
        ImageDelta state =
                MeshImage.empty(image.state().id()).replaceState(image.state()).delta();
        Map<String, Set<InventoryKey>> inventory = new HashMap<>();
        image.inventory().forEach((cluster, records) -> inventory.put(cluster, Set.copyOf(records.keySet())));
        return state.and(new ImageDelta(false, Set.of(), Set.of(), Set.of(), Set.of(), inventory));
    }
}
