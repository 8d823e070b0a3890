package io.meridian.model.log;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A SHA-256 value. */
public record Hash(ByteString bytes) {
    public static final int SIZE_BYTES = 32;
    /** Stands before the first event of a log. */
    public static final Hash ZERO = new Hash(ByteString.copyFrom(new byte[SIZE_BYTES]));

    public Hash {
        if (bytes.size() != SIZE_BYTES) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + bytes.size());
        }
    }

    /** Over the concatenation of {@code parts}. */
    public static Hash of(ByteString... parts) {
        MessageDigest digest = sha256();
        for (ByteString part : parts) {
            for (ByteBuffer buffer : part.asReadOnlyByteBufferList()) {
                digest.update(buffer);
            }
        }
        return new Hash(ByteString.copyFrom(digest.digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    public String hex() {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    @Override
    public String toString() {
        return hex().substring(0, 12);
    }
}
