import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

// The page talks to the server that delivered it and to nobody else.
const endpoint = new URL('/graphql', window.location.href);
// Subscriptions come over a socket at the same place.
const subscriptions = new URL(endpoint);
subscriptions.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

const fetcher = createGraphiQLFetcher({ url: endpoint.href, subscriptionUrl: subscriptions.href });

const WELCOME = `# Cordon 合围
#
# Sign in with the mutation below, then paste the token into the Headers tab:
#   {"Authorization": "Bearer TOKEN"}
# 先执行登录，再将返回的令牌填入 Headers 标签页。

query WhoAmI {
  __typename
}
`;

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL fetcher={fetcher} defaultQuery={WELCOME} shouldPersistHeaders={false} />,
);
