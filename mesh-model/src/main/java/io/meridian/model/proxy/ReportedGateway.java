package io.meridian.model.proxy;

import com.google.protobuf.Duration;
import io.meridian.api.feed.v1.ProxyReport;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.model.position.Position;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proxies of one gateway, as its reports add up. Not thread-safe.
 *
 * <p>The rule of {@code ProxyReport.advanced}: a proxy whose last status says SYNCED has everything up to the greater of that status'
 * position and the last position that its mesh was advanced to. Any other is where its status says. So an event that touches no proxy
 * costs one position, however many there are. What the gateway has to keep for this to be true is written at its ProxyRegistry. And one that
 * all acknowledge costs, beside the position, what they were sent: once, with the numbers of their streams ({@code ProxyReport.delivered}).
 */
public final class ReportedGateway {
    private final Map<ProxyKey, ProxyStatus> proxies = new HashMap<>();
    private final Map<String, Position> advanced = new HashMap<>();
    /** What a stream was sent since its last status, by type. */
    private final Map<Long, Map<String, ProxyStatus.Sent>> delivered = new HashMap<>();

    /** A proxy's identity. */
    public record ProxyKey(String mesh, String node) {}

    /**
     * Takes the next report.
     *
     * @return the last statuses of the proxies that left with it, as far as anybody knew them
     */
    public List<ProxyStatus> take(ProxyReport report) {
        if (report.getFull()) {
            proxies.clear();
            advanced.clear();
            delivered.clear();
        }
        report.getDeliveredList()
                .forEach(delivery -> delivery.getStreamsList()
                        .forEach(stream -> delivered
                                .computeIfAbsent(stream, added -> new HashMap<>())
                                .put(delivery.getType(), delivery.getSent())));
        report.getUpdatedList().forEach(status -> {
            delivered.remove(status.getStream());
            ProxyStatus before = proxies.put(new ProxyKey(status.getMesh(), status.getNode()), status);
            if (before != null) {
                delivered.remove(before.getStream());
            }
        });
        List<ProxyStatus> left = new ArrayList<>();
        report.getDisconnectedList().forEach(gone -> {
            ProxyStatus known = proxies.remove(new ProxyKey(gone.getMesh(), gone.getNode()));
            if (gone.hasLast()) {
                left.add(gone.getLast());
            } else if (known != null) {
                left.add(resolved(known));
            }
            if (known != null) {
                delivered.remove(known.getStream());
            }
        });
        report.getAdvancedList().forEach(position -> {
            Position to = Position.of(position);
            advanced.merge(position.getMesh(), to, (one, other) -> one.compareTo(other) >= 0 ? one : other);
        });
        return left;
    }

    /** In no order. */
    public List<ProxyStatus> list() {
        List<ProxyStatus> all = new ArrayList<>(proxies.size());
        proxies.values().forEach(status -> all.add(resolved(status)));
        return all;
    }

    public @Nullable ProxyStatus find(ProxyKey key) {
        ProxyStatus status = proxies.get(key);
        return status == null ? null : resolved(status);
    }

    private ProxyStatus resolved(ProxyStatus status) {
        Map<String, ProxyStatus.Sent> since = delivered.get(status.getStream());
        ProxyStatus whole = since == null ? status : sent(status, since);
        Position to = advanced.get(status.getMesh());
        return to == null ? whole : advanced(whole, to);
    }

    private static ProxyStatus sent(ProxyStatus status, Map<String, ProxyStatus.Sent> since) {
        ProxyStatus.Builder newer = status.toBuilder();
        newer.getTypesBuilderList().forEach(type -> {
            ProxyStatus.Sent last = since.get(type.getType());
            if (last != null) {
                type.setSent(last);
            }
        });
        return newer.build();
    }

    /** What a status means once its mesh was advanced to {@code to}. */
    public static ProxyStatus advanced(ProxyStatus status, Position to) {
        if (status.getState() != ProxyStatus.State.SYNCED
                || (status.hasServed() && Position.of(status.getServed()).isAtLeast(to))) {
            return status;
        }
        io.meridian.api.type.v1.Position position = to.toProto();
        ProxyStatus.Builder moved =
                status.toBuilder().setServed(position).setAcknowledged(position).setLag(Duration.getDefaultInstance());
        moved.getTypesBuilderList().stream()
                .filter(type -> type.getState() == ProxyStatus.State.SYNCED)
                .forEach(type -> type.setAcknowledged(position));
        return moved.build();
    }
}
