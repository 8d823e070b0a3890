package io.meridian.core.admin;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.meridian.core.rpc.Errors;
import io.meridian.model.log.Hash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Pages of lists. A token is opaque to clients; it says after which key the next page begins, and for which request it was given: a token
 * of another request, or one that somebody changed, is refused. Since it holds a key and not a number, lists may change between pages.
 */
final class Pages {
    static final int DEFAULT_SIZE = 100;
    static final int MAX_SIZE = 1_000;

    /** A page ends early rather than grow beyond gRPC's default limit of 4 MiB for a message. */
    static final int MAX_BYTES = 2 << 20;

    private static final int CHECK_BYTES = 12;
    private static final int MAX_TOKEN_CHARS = 2_048;
    /** What may differ between the requests for two pages of one list. */
    private static final Set<String> NOT_IDENTITY = Set.of("page_token", "page_size", "min_position");

    private Pages() {}

    /** One page: its items, and the token of the next one, empty on the last. */
    record Page<T>(List<T> items, String nextToken) {
        Page {
            items = List.copyOf(items);
        }
    }

    static int size(int asked) {
        return size(asked, MAX_SIZE);
    }

    static int size(int asked, int max) {
        if (asked < 0 || asked > max) {
            throw Errors.invalid(
                    "page_size", "is " + asked + "; must be 1 to " + max + ", or 0 for " + Math.min(DEFAULT_SIZE, max));
        }
        return asked == 0 ? Math.min(DEFAULT_SIZE, max) : asked;
    }

    /** The token by which {@code request} is continued after {@code key}. */
    static String token(Message request, String key) {
        ByteString bytes = ByteString.copyFromUtf8(key);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(check(request, bytes).concat(bytes).toByteArray());
    }

    /** The key after which the asked page begins; empty for the first. */
    static Optional<String> after(Message request, String token) {
        if (token.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = decode(token);
        if (bytes.length < CHECK_BYTES) {
            throw badToken();
        }
        ByteString all = ByteString.copyFrom(bytes);
        ByteString key = all.substring(CHECK_BYTES);
        if (!all.substring(0, CHECK_BYTES).equals(check(request, key)) || !key.isValidUtf8()) {
            throw badToken();
        }
        return Optional.of(key.toStringUtf8());
    }

    /**
     * @param items in ascending order of their keys, those after the token's key only
     * @param key by which the order is made
     */
    static <T, M extends Message> Page<M> of(
            Message request, int size, Iterable<T> items, Function<T, String> key, Function<T, M> shown) {
        List<M> page = new ArrayList<>();
        String last = "";
        long bytes = 0;
        for (T item : items) {
            if (page.size() == size || bytes > MAX_BYTES) {
                return new Page<>(page, token(request, last));
            }
            M message = shown.apply(item);
            bytes += message.getSerializedSize();
            page.add(message);
            last = key.apply(item);
        }
        return new Page<>(page, "");
    }

    private static byte[] decode(String token) {
        if (token.length() > MAX_TOKEN_CHARS) {
            throw badToken();
        }
        try {
            return Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw badToken();
        }
    }

    private static ByteString check(Message request, ByteString key) {
        Message.Builder identity = request.toBuilder();
        for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
            if (NOT_IDENTITY.contains(field.getName())) {
                identity.clearField(field);
            }
        }
        ByteString type = ByteString.copyFromUtf8(request.getDescriptorForType().getFullName() + "\n");
        return Hash.of(type, deterministic(identity.build()), key).bytes().substring(0, CHECK_BYTES);
    }

    private static ByteString deterministic(Message message) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private static RuntimeException badToken() {
        return Errors.invalid(
                "page_token",
                "is not a token that an answer to this very request brought (all fields but page_size must stay the"
                        + " same); begin again without one");
    }
}
