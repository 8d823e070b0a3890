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
 * costs one position, however many there are. What the gateway has to keep for this to be true is written at its ProxyRegistry.
 */
public final class ReportedGateway {
    private final Map<ProxyKey, ProxyStatus> proxies = new HashMap<>();
    private final Map<String, Position> advanced = new HashMap<>();

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
        }
        report.getUpdatedList()
                .forEach(status -> proxies.put(new ProxyKey(status.getMesh(), status.getNode()), status));
        List<ProxyStatus> left = new ArrayList<>();
        report.getDisconnectedList().forEach(gone -> {
            ProxyStatus known = proxies.remove(new ProxyKey(gone.getMesh(), gone.getNode()));
            ProxyStatus last = gone.hasLast() ? gone.getLast() : known;
            if (last != null) {
                left.add(last);
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
        Position to = advanced.get(status.getMesh());
        return to == null ? status : advanced(status, to);
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
