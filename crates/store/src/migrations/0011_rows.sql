-- Every webhook wrote them, and they saved little: a person in other channels is found by channel and chat, and old reply
-- tokens by their ids.
DROP INDEX contacts_by_chat;
DROP INDEX reply_tokens_by_age;
